// Hot on Bun: for a request that is answered at once this allocates itself and the Response; Bun is asked for its signal, its
// address and its fields only when somebody else asks. The caller takes `outcome` when the handler has returned, and no sooner.
// Guarded by bench/src/server-frameworks.ts.
import { FieldMap } from '@needletail/wire';
import type { CarriedAnswer, CarriedHead, Carrier } from '../hosted/carrier.ts';
import type { HostedExchange } from '../hosted/hosted-exchange.ts';
import type { StreamOutput } from '../reply-stream.ts';
import type { BunHeads } from './bun-heads.ts';
import type { BunServer } from './bun-serve.ts';

const SCHEME_END = '://'.length;

/** What the requests of a server share. */
export interface BunHost {
  readonly heads: BunHeads;
  readonly isSecure: boolean;
  /** The answer takes a while: the exchange is held to its time limits, until it has `ended`. */
  watch(exchange: HostedExchange): void;
  ended(exchange: HostedExchange): void;
}

type Outcome = Response | undefined;

/** One request of Bun.serve. */
export class BunCarrier implements Carrier, StreamOutput {
  readonly method: string;
  readonly target: string;
  /** Bun does not tell. */
  readonly httpVersion = '1.1';
  readonly bodyLength: number | null;
  /** Bun tells clients to go on by itself. */
  readonly owesContinue = false;
  readonly #request: Request;
  readonly #server: BunServer;
  readonly #host: BunHost;
  #exchange!: HostedExchange;
  #address: string | null = null;
  /** Undefined until there is an answer, and when protocols were switched. */
  #response: Outcome = undefined;
  #resolve: ((response: Outcome) => void) | null = null;
  #isAnswered = false;
  #isEnded = false;
  #isWatched = false;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #isComplete = false;
  #isHeld = false;
  #isPumping = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #pending = '';

  constructor(request: Request, server: BunServer, host: BunHost) {
    this.#request = request;
    this.#server = server;
    this.#host = host;
    const { method } = request;
    this.method = method;
    this.target = targetOf(request.url);
    // Bun gives none for these two, whatever was sent.
    this.bodyLength = method === 'GET' || method === 'HEAD' ? 0 : lengthOf(request);
  }

  /** Empty on a unix socket. */
  get remoteAddress(): string {
    return (this.#address ??= this.#server.requestIP(this.#request)?.address ?? '');
  }

  get isSecure(): boolean {
    return this.#host.isSecure;
  }

  get isBodyComplete(): boolean {
    return this.#isComplete || this.bodyLength === 0;
  }

  /** Tells `exchange` what becomes of the request. */
  carry(exchange: HostedExchange): void {
    this.#exchange = exchange;
  }

  /** What Bun is given: undefined, or a promise of it, when protocols were switched. */
  outcome(): Outcome | Promise<Outcome> {
    if (!this.#isEnded) this.#wait();
    if (this.#isAnswered) return this.#response;
    return new Promise((resolve) => (this.#resolve = resolve));
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
    this.#answer(this.#host.heads.responseOf(answer));
    this.#end();
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
    this.#answer(new Response(body, this.#host.heads.initOf(answer)));
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
    this.#end();
  }

  /** An answer that has not begun cannot be taken from Bun: it is an empty one then. */
  abort(): void {
    this.#controller?.error(new Error('The body of an answer failed.'));
    this.#controller = null;
    this.#answer(new Response(null, { status: 500, headers: { Connection: 'close' } }));
    this.#end();
  }

  /** The connection belongs to another protocol now. */
  switched(): void {
    this.#answer(undefined);
    this.#end();
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

  /** Bun forgets address and signal of a request when its connection is gone. */
  #wait(): void {
    // How long an answer may take is looked at where all backends have it.
    this.#server.timeout(this.#request, 0);
    this.#address = this.remoteAddress;
    this.#request.signal.addEventListener('abort', () => this.#gone(), { once: true });
    this.#isWatched = true;
    this.#host.watch(this.#exchange);
  }

  /** The first one counts. */
  #answer(response: Outcome): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#response = response;
    this.#resolve?.(response);
  }

  #end(): void {
    this.#isEnded = true;
    if (this.#isWatched) this.#host.ended(this.#exchange);
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
    this.#end();
  }
}

/** Origin form; Bun has resolved dots in it, and made it absolute where there was a host to do so with. */
function targetOf(url: string): string {
  if (url.startsWith('/')) return url;
  const path = url.indexOf('/', url.indexOf('://') + SCHEME_END);
  const fragment = url.indexOf('#', path);
  return fragment === -1 ? url.slice(path) : url.slice(path, fragment);
}

function lengthOf({ headers, body }: Request): number | null {
  if (body === null) return 0;
  const announced = headers.get('content-length');
  return announced === null ? null : Number(announced);
}
