import { BodyLength, type FieldMap } from '@needletail/wire';
import { AnsweredTwiceError, ClientGoneError } from '../errors.ts';
import type { Dispatch, IncomingBody, ServerReply, ServerRequest } from '../listen/exchange.ts';
import { ReplyHeads } from '../listen/reply-head.ts';
import { checkLength, interimLines, mayHaveBody } from '../listen/reply-rules.ts';
import type { ReplyPieces } from '../reply/reply.ts';

export interface MemoryRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: FieldMap;
  readonly body: IncomingBody;
  readonly remoteAddress: string;
  readonly isSecure: boolean;
  readonly signal: AbortSignal | null;
}

/** What was answered, as it was given to the reply. */
export interface MemoryAnswer {
  readonly status: number;
  /** Field lines. */
  readonly head: string;
  readonly body: string | Uint8Array | ReadableStream<Uint8Array> | null;
  readonly interim: readonly MemoryInterim[];
}

export interface MemoryInterim {
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Waits for the head of the answer: the end of a stream comes when it is read. Rejects with what `dispatch` rejects with. */
export async function answerOf(
  dispatcher: { dispatch: Dispatch },
  exchange: MemoryExchange,
): Promise<MemoryAnswer> {
  const ended = dispatcher.dispatch(exchange, exchange);
  if (ended !== undefined) await Promise.race([exchange.answer, ended]);
  return exchange.answer;
}

/** Holds answers to the rules that hold on a connection. */
const heads = new ReplyHeads();
heads.setTime(0);

/** One request and its answer without a connection, under the contract of the backends. */
export class MemoryExchange implements ServerRequest, ServerReply {
  readonly method: string;
  readonly target: string;
  readonly httpVersion = '1.1';
  readonly headers: FieldMap;
  readonly body: IncomingBody;
  readonly remoteAddress: string;
  readonly isSecure: boolean;
  /** Resolves with the answer when its head is known. */
  readonly answer: Promise<MemoryAnswer>;
  readonly #interim: MemoryInterim[] = [];
  readonly #outer: AbortSignal | null;
  #settle!: (answer: MemoryAnswer) => void;
  #controller: AbortController | null = null;
  #isAnswered = false;

  constructor(request: MemoryRequest) {
    this.method = request.method;
    this.target = request.target;
    this.headers = request.headers;
    this.body = request.body;
    this.remoteAddress = request.remoteAddress;
    this.isSecure = request.isSecure;
    this.#outer = request.signal;
    this.answer = new Promise((resolve) => (this.#settle = resolve));
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    const own = this.#controller.signal;
    return this.#outer === null ? own : AbortSignal.any([own, this.#outer]);
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  interim(status: number, fields: MemoryInterim['fields']): void {
    this.#refuseSecond();
    interimLines(status, fields, this.#where);
    this.#interim.push({ status, fields });
  }

  send(status: number, head: string, body: string | Uint8Array | null): void {
    this.#refuseSecond();
    heads.opening(status);
    const fields = heads.checkedHead(head);
    this.#isAnswered = true;
    this.#give(status, fields, mayHaveBody(this.method, status) ? body : null);
  }

  async stream(
    status: number,
    head: string,
    pieces: ReplyPieces,
    length: number | null = null,
  ): Promise<void> {
    this.#refuseSecond();
    heads.opening(status);
    const fields = heads.checkedHead(head);
    checkLength(length, this.#where);
    // What cannot be iterated throws here, while the request can still be answered.
    const iterator = pieces[Symbol.asyncIterator]();
    this.#isAnswered = true;
    const lines = length === null ? fields : `${fields}Content-Length: ${length}\r\n`;
    if (!mayHaveBody(this.method, status)) {
      this.#give(status, lines, null);
      await iterator.return?.();
      return;
    }
    await new Promise<void>((resolve, reject) => {
      this.#give(status, lines, this.#pour(iterator, length, resolve, reject));
    });
  }

  #give(status: number, head: string, body: MemoryAnswer['body']): void {
    this.#settle({ status, head, body, interim: this.#interim });
  }

  /** Pieces are asked for as they are read; who stops reading ends the producer. */
  #pour(
    iterator: AsyncIterator<Uint8Array | string>,
    length: number | null,
    resolve: () => void,
    reject: (error: unknown) => void,
  ): ReadableStream<Uint8Array> {
    const counted = length === null ? null : new BodyLength(length);
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const { done, value } = await iterator.next();
            if (done === true) {
              counted?.end();
              controller.close();
              return resolve();
            }
            const bytes = typeof value === 'string' ? Buffer.from(value) : value;
            counted?.add(bytes.byteLength);
            controller.enqueue(bytes);
          } catch (error) {
            reject(error);
            throw error;
          }
        },
        cancel: async (reason) => {
          const gone = new ClientGoneError(this.#where, reason);
          this.#controller?.abort(gone);
          reject(gone);
          await iterator.return?.();
        },
      },
      { highWaterMark: 0 },
    );
  }

  get #where(): string {
    return `${this.method} ${this.target}`;
  }

  #refuseSecond(): void {
    if (this.#isAnswered) throw new AnsweredTwiceError(this.#where);
  }
}
