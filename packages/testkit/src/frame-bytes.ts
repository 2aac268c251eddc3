/** What a test frame consists of; every field may be wrong on purpose. */
export interface FrameParts {
  readonly opcode: number;
  readonly payload?: string | Uint8Array;
  /** True unless set. */
  readonly isFinal?: boolean;
  /** RSV1, RSV2 and RSV3 as the bits 4, 2 and 1. */
  readonly reserved?: number;
  /** Four bytes; without them the frame is not masked. */
  readonly mask?: readonly number[];
  /** Bytes of the length field, 0, 2 or 8; the shortest that fits unless set. */
  readonly lengthBytes?: 0 | 2 | 8;
  /** What the length field says, where that is not the truth. */
  readonly claimedLength?: bigint;
}

/** The bytes of one frame (RFC 6455 §5.2), made without the codec that they test. A string is sent as latin1. */
export function frameBytes(parts: FrameParts): Buffer {
  const { opcode, isFinal = true, reserved = 0, mask, payload = '' } = parts;
  const bytes = Buffer.from(typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload);
  const length = parts.claimedLength ?? BigInt(bytes.length);
  const shortest = length <= 125n ? 0 : length <= 0xffffn ? 2 : 8;
  const lengthBytes = parts.lengthBytes ?? shortest;
  const short = lengthBytes === 0 ? Number(length) : lengthBytes === 2 ? 126 : 127;
  const header = [
    (isFinal ? 0x80 : 0) | (reserved << 4) | opcode,
    (mask === undefined ? 0 : 0x80) | short,
  ];
  for (let left = lengthBytes - 1; left >= 0; left -= 1) {
    header.push(Number((length >> BigInt(8 * left)) & 0xffn));
  }
  if (mask !== undefined) {
    header.push(...mask);
    for (let index = 0; index < bytes.length; index += 1) bytes[index] ^= mask[index % 4]!;
  }
  return Buffer.concat([Buffer.from(header), bytes]);
}
