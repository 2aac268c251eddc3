import type { RequestBody } from '../body/request-body.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { HeaderList, type HeadersInput } from '../model/header-list.ts';
import { parseUrl } from '../model/request-url.ts';
import { DEFAULT_TIMEOUTS } from '../model/timeouts.ts';
import type { TransportResponse } from './transport.ts';

/** A request as the layers hand it to a transport. */
export function requestTo(
  url: string,
  changes: Partial<Omit<ClientRequest, 'url' | 'headers'>> & { headers?: HeadersInput } = {},
): ClientRequest {
  const { headers, ...rest } = changes;
  return {
    method: 'GET',
    url: parseUrl(url),
    headers: new HeaderList(headers),
    ownsHeaders: true,
    body: null,
    auth: null,
    timeouts: DEFAULT_TIMEOUTS,
    signal: null,
    followRedirects: true,
    maxRedirects: 20,
    retry: null,
    isStreaming: false,
    maxBodyBytes: 1_048_576,
    decompress: true,
    expectContinue: false,
    onUploadProgress: null,
    startedAtMs: 0,
    name: null,
    watch: null,
    ...rest,
  };
}

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
