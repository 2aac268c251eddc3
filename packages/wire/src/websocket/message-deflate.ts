import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import type { DeflateAgreement } from './deflate-negotiation.ts';
import type { WebSocketRole } from './frame-decoder.ts';
import type { MessageDeflater } from './frame-encoder.ts';
import type { MessageInflater } from './frame-sink.ts';

export interface MessageDeflateOptions {
  /** Smaller messages are sent as they are; 1 024 unless set. */
  readonly thresholdBytes?: number;
  /** 1 (fast) to 9 (small); the default of zlib, 6, unless set. */
  readonly level?: number;
}

const DEFAULT_THRESHOLD_BYTES = 1024;
/** What a sync flush ends with and RFC 7692 §7.2.1 leaves out. */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const LARGEST_WINDOW_BITS = 15;
/** zlib cannot deflate into a window this small. */
const TOO_SMALL_WINDOW_BITS = 8;
const NOTHING = Buffer.alloc(0);

/**
 * permessage-deflate (RFC 7692) for one connection, both ways. Messages are compressed whole, in the calling thread.
 *
 * A context that is taken over is the last bytes of the messages before: they are given to zlib as a dictionary, which
 * is the same to the peer. So a connection keeps 32 KiB each way at most, and nothing without takeover, where a zlib
 * stream would keep ten times that.
 */
export class MessageDeflate implements MessageDeflater, MessageInflater {
  readonly #thresholdBytes: number;
  readonly #level: number;
  readonly #sendBits: number;
  readonly #keepsSent: boolean;
  readonly #keepsReceived: boolean;
  readonly #receiveWindowBytes: number;
  #sent: Buffer = NOTHING;
  #received: Buffer = NOTHING;

  constructor(
    role: WebSocketRole,
    agreement: DeflateAgreement,
    options: MessageDeflateOptions = {},
  ) {
    const isClient = role === 'client';
    const { clientMaxWindowBits, serverMaxWindowBits } = agreement;
    this.#thresholdBytes = options.thresholdBytes ?? DEFAULT_THRESHOLD_BYTES;
    this.#level = options.level ?? constants.Z_DEFAULT_COMPRESSION;
    this.#sendBits = isClient ? clientMaxWindowBits : serverMaxWindowBits;
    this.#receiveWindowBytes = 2 ** (isClient ? serverMaxWindowBits : clientMaxWindowBits);
    const { clientNoContextTakeover: freshClient, serverNoContextTakeover: freshServer } =
      agreement;
    this.#keepsSent = isClient ? !freshClient : !freshServer;
    this.#keepsReceived = isClient ? !freshServer : !freshClient;
  }

  /** Null also for a message that compression does not make smaller. */
  deflate(payload: Uint8Array): Buffer | null {
    if (payload.length < this.#thresholdBytes || this.#sendBits === TOO_SMALL_WINDOW_BITS) {
      return null;
    }
    const deflated = deflateRawSync(payload, {
      level: this.#level,
      windowBits: this.#sendBits,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#sent.length === 0 ? {} : { dictionary: this.#sent }),
    });
    const length = deflated.length - TAIL.length;
    if (length >= payload.length) return null;
    if (this.#keepsSent) this.#sent = slide(this.#sent, payload, 2 ** this.#sendBits);
    return deflated.subarray(0, length);
  }

  inflate(payload: Uint8Array, maximumBytes: number): Buffer | 'invalid' | 'too-large' {
    try {
      const inflated = inflateRawSync(Buffer.concat([payload, TAIL]), {
        windowBits: LARGEST_WINDOW_BITS,
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: Math.max(1, maximumBytes),
        ...(this.#received.length === 0 ? {} : { dictionary: this.#received }),
      });
      if (inflated.length > maximumBytes) return 'too-large';
      if (this.#keepsReceived) {
        this.#received = slide(this.#received, inflated, this.#receiveWindowBytes);
      }
      return inflated;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ERR_BUFFER_TOO_LARGE') return 'too-large';
      if (code?.startsWith('Z_') === true) return 'invalid';
      throw error;
    }
  }
}

/** The last `sizeBytes` of what was and what came, in a buffer of its own. */
function slide(before: Buffer, added: Uint8Array, sizeBytes: number): Buffer {
  if (added.length >= sizeBytes) return Buffer.from(added.subarray(added.length - sizeBytes));
  const kept = Math.min(before.length, sizeBytes - added.length);
  return Buffer.concat([before.subarray(before.length - kept), added]);
}
