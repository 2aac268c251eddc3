import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { FieldMap } from '@needletail/wire';
import { originForm } from '../origin-form.ts';
import type { CarriedAnswer, CarriedHead, Carrier, FieldPairs } from '../hosted/carrier.ts';
import type { HostedExchange } from '../hosted/hosted-exchange.ts';
import type { StreamOutput } from '../reply-stream.ts';

export type NodeRequest = IncomingMessage | Http2ServerRequest;
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** One request of node:http or node:http2, as far as both have the same shape. */
export abstract class NodeCarrier<Request extends NodeRequest, Response extends NodeResponse>
  implements Carrier, StreamOutput
{
  abstract readonly httpVersion: '1.0' | '1.1' | '2';
  abstract readonly bodyLength: number | null;
  readonly method: string;
  readonly target: string;
  readonly remoteAddress: string;
  readonly isSecure: boolean;
  protected readonly request: Request;
  protected readonly response: Response;
  #exchange!: HostedExchange;
  #owesContinue: boolean;
  #isPumping = false;
  #pending = '';

  /** `owesContinue` when the client waits for `100 Continue` (RFC 9110 §10.1.1). */
  constructor(request: Request, response: Response, owesContinue: boolean) {
    this.request = request;
    this.response = response;
    this.method = request.method ?? '';
    this.target = originForm(request.url ?? '');
    this.remoteAddress = request.socket.remoteAddress ?? '';
    this.isSecure = 'encrypted' in request.socket;
    this.#owesContinue = owesContinue;
  }

  abstract readFields(): FieldMap;
  abstract interim(status: number, fields: FieldPairs): void;
  abstract abort(): void;
  /** Announces the head; with an answer that has no body it is sent at once. */
  protected abstract writeHead(answer: CarriedHead): void;
  /** Calls back once, when the answer is complete or will never be. */
  protected abstract onClosed(closed: (isComplete: boolean) => void): void;

  get isBodyComplete(): boolean {
    return this.request.complete;
  }

  get owesContinue(): boolean {
    return this.#owesContinue;
  }

  /** Tells `exchange` what becomes of the request; `ended` is called when all is over. */
  carry(exchange: HostedExchange, ended: () => void): void {
    this.#exchange = exchange;
    this.response.on('drain', () => exchange.setBlocked(false));
    this.onClosed((isComplete) => {
      exchange.setBlocked(false);
      if (!isComplete) exchange.gone();
      ended();
    });
  }

  respond(answer: CarriedAnswer): void {
    const { body } = answer;
    if (body === null) {
      this.writeHead(answer);
      return void this.response.end();
    }
    this.writeHead({ ...answer, length: Buffer.byteLength(body) });
    this.#exchange.setBlocked(true);
    this.#end(body);
  }

  begin(answer: CarriedHead): StreamOutput {
    this.writeHead(answer);
    this.sendHead();
    return this;
  }

  append(text: string): void {
    this.#pending += text;
  }

  writeNow(pieces: readonly (string | Uint8Array)[]): boolean {
    let isTaken = true;
    if (this.#pending !== '') {
      const text = this.#pending;
      this.#pending = '';
      isTaken = this.#write(Buffer.from(text, 'latin1'));
    }
    for (const piece of pieces) {
      isTaken = this.#write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
    }
    if (!isTaken) this.#exchange.setBlocked(true);
    return isTaken;
  }

  finish(): void {
    if (this.#pending !== '') this.writeNow([]);
    this.#exchange.setBlocked(true);
    this.response.end();
  }

  bodyWanted(): void {
    if (this.#owesContinue) this.response.writeContinue();
    this.#owesContinue = false;
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.request.on('data', (piece: Buffer) => this.#exchange.received(piece));
    this.request.on('end', () => this.#exchange.receivedAll());
  }

  holdBody(): void {
    this.request.pause();
  }

  releaseBody(): void {
    this.request.resume();
  }

  /** Sends a head whose body comes later, where `writeHead` waits for it. */
  protected sendHead(): void {}

  /** As latin1, in which node:http writes the head together with the body. */
  #end(body: string | Uint8Array): void {
    if (typeof body !== 'string') this.response.end(body);
    else this.response.end(Buffer.from(body).toString('latin1'), 'latin1');
  }

  #write(bytes: Uint8Array): boolean {
    return (this.response as { write(chunk: Uint8Array): boolean }).write(bytes);
  }
}
