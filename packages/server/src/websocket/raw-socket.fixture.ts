import { connect, type Socket } from 'node:net';
import { decodeText, FrameDecoder } from '@needletail/wire/websocket';
import { frameBytes, type FrameParts } from '@needletail/testkit/frame-bytes';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const MASK = [0x12, 0x34, 0x56, 0x78];

/** Masked, as the frames of a client are, unless told otherwise. */
export function frame(parts: FrameParts): Buffer {
  return frameBytes({ mask: MASK, ...parts });
}

export const text = (payload: string): Buffer => frame({ opcode: 1, payload });
export const close = (payload: string = '\x03\xe8'): Buffer => frame({ opcode: 8, payload });

export function handshake(fields = ''): string {
  return (
    `GET / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n${fields}\r\n`
  );
}

/** A client on a bare socket; notes what the server says as `text …`, `close 1000` and so on, and its end as `end`. */
export class RawSocket {
  readonly socket: Socket;
  readonly events: string[] = [];
  head = '';
  /** How many pieces the server's bytes came in. */
  pieces = 0;
  #isOpen = false;
  #onChange: () => void = () => {};
  readonly #decoder = new FrameDecoder('client', {
    onText: (bytes, start, end, isAscii) =>
      this.events.push(`text ${decodeText(bytes, start, end, isAscii)}`),
    onBinary: (bytes, start, end) =>
      this.events.push(`binary ${bytes.toString('latin1', start, end)}`),
    onPing: (bytes, start, end) =>
      this.events.push(`ping ${bytes.toString('latin1', start, end)}`.trimEnd()),
    onPong: (bytes, start, end) => this.events.push(`pong ${bytes.toString('latin1', start, end)}`),
    onClose: (code, reason) => this.events.push(`close ${code} ${reason}`.trimEnd()),
  });

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk) => this.#receive(chunk));
    this.socket.on('end', () => this.#note('end'));
    this.socket.on('error', (error) => this.#note(`error ${(error as { code?: string }).code}`));
    this.socket.on('close', () => this.#onChange());
  }

  write(bytes: string | Uint8Array): void {
    if (typeof bytes === 'string') this.socket.write(bytes, 'latin1');
    else this.socket.write(bytes);
  }

  async shakeHands(fields: string): Promise<void> {
    this.write(handshake(fields));
    await this.until(() => this.#isOpen);
  }

  /** Everything up to the end, of a server that did not switch protocols. */
  async answer(): Promise<string> {
    await this.until(() => this.events.length > 0 || /\r\n\r\n[^]*\n$/.test(this.head));
    return this.head;
  }

  /** The next event that was not asked for yet. */
  async next(): Promise<string> {
    await this.until(() => this.events.length > 0);
    return this.events.shift()!;
  }

  /** All events up to the end. */
  async rest(): Promise<string[]> {
    await this.until(() => this.events.at(-1) === 'end' || this.socket.closed);
    return this.events.splice(0);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.socket.closed) throw new Error(`Closed after: ${this.head} ${this.events.join()}`);
      await new Promise<void>((resolve) => (this.#onChange = resolve));
    }
  }

  terminate(): void {
    this.socket.destroy();
  }

  #note(event: string): void {
    this.events.push(event);
    this.#onChange();
  }

  #receive(chunk: Buffer): void {
    this.pieces += 1;
    if (this.#isOpen) this.#decoder.feed(chunk, 0, chunk.length);
    else {
      this.head += chunk.toString('latin1');
      const end = this.head.indexOf('\r\n\r\n') + 4;
      if (this.head.startsWith('HTTP/1.1 101') && end > 3) {
        this.#isOpen = true;
        const rest = Buffer.from(this.head.slice(end), 'latin1');
        this.head = this.head.slice(0, end);
        this.#decoder.feed(rest, 0, rest.length);
      }
    }
    this.#onChange();
  }
}
