import type { RequestBody } from '../body/request-body.ts';
import type { TransportResponse } from './transport.ts';

export function textBody(text: string): RequestBody {
  return {
    length: Buffer.byteLength(text),
    contentType: 'text/plain',
    whole: text,
    isReplayable: true,
    open: () => piecesOf([text]),
  };
}

/** A body whose length only its end tells. */
export function pulledBody(pieces: readonly string[]): RequestBody {
  return {
    length: null,
    contentType: null,
    whole: null,
    isReplayable: false,
    open: () => piecesOf(pieces),
  };
}

async function* piecesOf(pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

/** All of a body as text, whichever way it came. */
export async function textFrom({ body }: TransportResponse): Promise<string> {
  if (Buffer.isBuffer(body)) return body.toString();
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The text of a body that is here already. */
export function wholeText(body: TransportResponse['body']): string {
  if (Buffer.isBuffer(body)) return body.toString();
  throw new Error('The body is a stream.');
}
