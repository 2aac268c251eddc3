import { FieldMap } from '@needletail/wire';
import { makeRequest } from '../model/client-request.fixture.ts';
import type { AuthConversation, AuthFlow } from '../auth/auth-flow.ts';
import type { ResponseBody } from '../body/response-body.ts';
import { requestWith, type ClientRequest } from '../model/client-request.ts';
import type { TransportResponse } from '../transport/transport.ts';
import type { Exchange } from './layer.ts';

/** Field lines without their ends. */
export function makeFields(...lines: readonly string[]): FieldMap {
  return new FieldMap(lines.map((line) => `${line}\r\n`).join(''));
}

export function makeResponse(
  status: number,
  fields: readonly string[] = [],
  body: Uint8Array | ResponseBody | string = '',
  changes: Partial<TransportResponse> = {},
): TransportResponse {
  return {
    status,
    reason: '',
    httpVersion: '1.1',
    headers: makeFields(...fields),
    body: typeof body === 'string' ? Buffer.from(body) : (body as TransportResponse['body']),
    trailers: null,
    interim: [],
    ...changes,
  };
}

export function makeExchange(response: TransportResponse, request?: ClientRequest): Exchange {
  return { request: request ?? makeRequest('http://example.com/'), response, history: [] };
}

/** A body that comes in these pieces, with a note of what became of it. */
export class PiecewiseBody implements ResponseBody {
  readonly #pieces: readonly Buffer[];
  #next = 0;
  isCancelled = false;

  constructor(pieces: readonly (Uint8Array | string)[]) {
    this.#pieces = pieces.map((piece) => Buffer.from(piece as string));
  }

  get readPieces(): number {
    return this.#next;
  }

  cancel(): void {
    this.isCancelled = true;
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return {
      next: () => {
        const value = this.isCancelled ? undefined : this.#pieces[this.#next++];
        return Promise.resolve(
          value === undefined ? { done: true, value: undefined } : { done: false, value },
        );
      },
      return: () => {
        this.cancel();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}

/** Has the conversation of a flow with `answer`, and returns the requests it sent and how it ended. */
export async function converse(
  auth: AuthFlow,
  request: ClientRequest,
  answer: (request: ClientRequest, count: number) => TransportResponse | Promise<TransportResponse>,
): Promise<{ readonly sent: readonly ClientRequest[]; readonly last: TransportResponse }> {
  const conversation: AuthConversation = auth.flow(requestWith(request, {}));
  const sent: ClientRequest[] = [];
  try {
    let step = await conversation.next();
    for (;;) {
      if (step.done === true) throw new Error('The flow sent nothing.');
      sent.push(requestWith(step.value, {}));
      const last = await answer(step.value, sent.length);
      step = await conversation.next(last);
      if (step.done === true) return { sent, last };
    }
  } finally {
    await conversation.return();
  }
}

/** All bytes of what can be read in pieces. */
export async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
