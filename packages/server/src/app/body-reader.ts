import type { ServerRequest } from '../listen/exchange.ts';
import { HttpError } from './http-error.ts';

/** Ways to read the body of a request; one of them, once. */
export interface BodyReader {
  json<Value = unknown>(): Promise<Value>;
  text(): Promise<string>;
  bytes(): Promise<Buffer>;
  stream(): AsyncIterable<Buffer>;
}

export function readBody(request: ServerRequest, maxBytes: number): BodyReader {
  return {
    json: async <Value>() => {
      const bytes = await request.body.bytes(maxBytes);
      try {
        return JSON.parse(bytes.toString()) as Value;
      } catch (cause) {
        throw new HttpError(400, 'The body is no JSON.', { cause });
      }
    },
    text: async () => (await request.body.bytes(maxBytes)).toString(),
    bytes: () => request.body.bytes(maxBytes),
    stream: () => request.body.stream(),
  };
}
