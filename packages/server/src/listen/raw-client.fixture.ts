import { connect, type Socket } from 'node:net';

/** A client of one connection that sends what it is told and keeps what it was sent, as latin1. */
export class RawClient {
  text = '';
  pieces = 0;
  errorCode = '';
  readonly socket: Socket;
  #onText: () => void = () => {};

  constructor(
    place: { readonly port: number; readonly host?: string } | { readonly path: string },
  ) {
    this.socket = connect({ host: '127.0.0.1', ...place, allowHalfOpen: true });
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1');
      this.pieces += 1;
      this.#onText();
    });
    this.socket.on('error', (error) => {
      this.errorCode = (error as { code?: string }).code ?? error.message;
    });
    this.socket.on('close', () => this.#onText());
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Resolves once the text holds `fragment`, `times` times; throws when the connection closes before. */
  async got(fragment: string, times = 1): Promise<string> {
    while (this.text.split(fragment).length <= times) {
      if (this.socket.closed) throw new Error(`Closed without ${fragment}; got: ${this.text}`);
      await new Promise<void>((resolve) => (this.#onText = resolve));
    }
    return this.text;
  }

  /** Everything up to the end of what the server sends. */
  async ended(): Promise<string> {
    if (!this.socket.readableEnded && !this.socket.destroyed) {
      // A reset is an end too: `errorCode` tells of it.
      await new Promise<void>((resolve) => {
        for (const event of ['end', 'close']) this.socket.once(event, () => resolve());
      });
    }
    return this.text;
  }
}

export function get(path: string, fields = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: test\r\n${fields}\r\n`;
}

export function post(path: string, body: string, fields = ''): string {
  return `POST ${path} HTTP/1.1\r\nHost: test\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
}

/** Statuses of the answers in a text, in order. */
export function statuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
}
