import { FieldMap } from '@needletail/wire';
import type { CarriedAnswer, CarriedHead, Carrier } from '../hosted/carrier.ts';
import type { HostedExchange } from '../hosted/hosted-exchange.ts';
import type { StreamOutput } from '../reply-stream.ts';

const SCHEME_END = '://'.length;

/** One request of Bun.serve; its answer is what `response` resolves to. */
export class BunCarrier implements Carrier, StreamOutput {
  readonly method: string;
  readonly target: string;
  /** Bun does not tell. */
  readonly httpVersion = '1.1';
  readonly remoteAddress: string;
  readonly isSecure: boolean;
  readonly bodyLength: number | null;
  /** Bun tells clients to go on by itself. */
  readonly owesContinue = false;
  /** Undefined when protocols were switched. */
  readonly response: Promise<Response | undefined>;
  readonly #request: Request;
  #answer!: (response: Response | undefined) => void;
  #exchange!: HostedExchange;
  #ended!: () => void;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #isComplete = false;
  #isHeld = false;
  #isPumping = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #pending = '';

  constructor(request: Request, remoteAddress: string) {
    this.#request = request;
    this.method = request.method;
    this.target = targetOf(request.url);
    this.isSecure = request.url.startsWith('https:');
    this.remoteAddress = remoteAddress;
    this.bodyLength = lengthOf(request);
    this.response = new Promise((resolve) => (this.#answer = resolve));
  }

  get isBodyComplete(): boolean {
    return this.#isComplete || this.bodyLength === 0;
  }

  /** Tells `exchange` what becomes of the request; `ended` is called when all is over. */
  carry(exchange: HostedExchange, ended: () => void): void {
    this.#exchange = exchange;
    this.#ended = ended;
    this.#request.signal.addEventListener('abort', () => this.#gone(), { once: true });
  }

  readFields(): FieldMap {
    let lines = '';
    for (const [name, value] of this.#request.headers) {
      // Extensions of WebSocket are between the client and Bun.
      if (name !== 'sec-websocket-extensions') lines += `${name}: ${value}\r\n`;
    }
    return new FieldMap(lines);
  }

  /** Bun.serve has no way to send one. */
  interim(): void {}

  respond(answer: CarriedAnswer): void {
    // Text would be given a Content-Type.
    const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
    this.#answer(new Response(body as Uint8Array<ArrayBuffer> | null, headOf(answer)));
    this.#ended();
  }

  begin(answer: CarriedHead): StreamOutput {
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => this.#exchange.setBlocked(false),
        cancel: () => this.#gone(),
      },
      { highWaterMark: 1 },
    );
    this.#answer(new Response(body, headOf(answer)));
    return this;
  }

  append(text: string): void {
    this.#pending += text;
  }

  writeNow(pieces: readonly (string | Uint8Array)[]): boolean {
    const controller = this.#controller;
    if (controller === null) return false;
    const all = this.#pending === '' ? pieces : [this.#pending, ...pieces];
    this.#pending = '';
    for (const piece of all) {
      // Bun keeps what it is given, and callers may use theirs again.
      controller.enqueue(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece.slice());
    }
    const isTaken = (controller.desiredSize ?? 0) > 0;
    if (!isTaken) this.#exchange.setBlocked(true);
    return isTaken;
  }

  finish(): void {
    if (this.#pending !== '') this.writeNow([]);
    this.#controller?.close();
    this.#controller = null;
    this.#ended();
  }

  /** An answer that has not begun cannot be taken from Bun: it is an empty one then. */
  abort(): void {
    this.#controller?.error(new Error('The body of an answer failed.'));
    this.#controller = null;
    this.#answer(new Response(null, { status: 500, headers: { Connection: 'close' } }));
    this.#ended();
  }

  /** The connection belongs to another protocol now. */
  switched(): void {
    this.#answer(undefined);
    this.#ended();
  }

  bodyWanted(): void {
    void this.#pump();
  }

  holdBody(): void {
    this.#isHeld = true;
  }

  releaseBody(): void {
    this.#isHeld = false;
    void this.#pump();
  }

  async #pump(): Promise<void> {
    if (this.#isPumping || this.#request.body === null) return;
    this.#isPumping = true;
    this.#reader ??= this.#request.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    try {
      while (!this.#isHeld && !this.#isComplete) {
        const { done, value } = await this.#reader.read();
        if (done) this.#isComplete = true;
        else this.#exchange.received(Buffer.from(value));
      }
      if (this.#isComplete) this.#exchange.receivedAll();
    } catch (error) {
      this.#exchange.gone(error);
    } finally {
      this.#isPumping = false;
    }
  }

  #gone(): void {
    this.#controller = null;
    this.#exchange.gone();
    this.#answer(new Response(null, { status: 500 }));
    this.#ended();
  }
}

/** Origin form; Bun has resolved dots in it, and made it absolute. */
function targetOf(url: string): string {
  const path = url.indexOf('/', url.indexOf('://') + SCHEME_END);
  const fragment = url.indexOf('#', path);
  return fragment === -1 ? url.slice(path) : url.slice(path, fragment);
}

function lengthOf({ headers, body }: Request): number | null {
  if (body === null) return 0;
  const announced = headers.get('content-length');
  return announced === null ? null : Number(announced);
}

function headOf({ status, fields, length, isLast }: CarriedHead): ResponseInit {
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  if (length !== null) headers.set('Content-Length', `${length}`);
  if (isLast) headers.set('Connection', 'close');
  return { status, headers };
}
