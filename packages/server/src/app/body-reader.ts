import { readBytes, readPieces, readText } from '../input/read-body.ts';
import { readForm, type FormOptions } from '../input/read-form.ts';
import { readJson, type JsonOptions } from '../input/read-json.ts';
import {
  readMultipart,
  type MultipartOptions,
  type MultipartReader,
} from '../input/read-multipart.ts';
import type { Query } from '../input/query.ts';
import { toWebStream } from '../input/to-web-stream.ts';
import type { BodyOptions, BodyRequest } from '../input/read-body.ts';

/**
 * Ways to read the body of a request: one of them, once. Whole bodies are held to the limit of the route unless `maxBytes`
 * says otherwise; each rejects with BadInputError (400, 413, 415) and BodyTooLargeError (413).
 */
export interface BodyReader {
  /** The type is what you claim it is; a schema of the route checks it. */
  json<Value = unknown>(options?: JsonOptions): Promise<Value>;
  text(options?: BodyOptions): Promise<string>;
  bytes(options?: BodyOptions): Promise<Buffer>;
  /** application/x-www-form-urlencoded. */
  form(options?: FormOptions): Promise<Query>;
  /** multipart/form-data, part by part; its temporary files are removed when the request is over. */
  multipart(options?: MultipartOptions): MultipartReader;
  /** As it comes; a body that is not read whole has no limit. */
  pieces(options?: BodyOptions): AsyncIterable<Buffer>;
  /** The same as a web-standard stream. */
  stream(): ReadableStream<Uint8Array>;
}

/** `onEnd` is told what is to be done when the request is over. */
export function readBody(
  request: BodyRequest,
  maxBytes: number,
  onEnd: (cleanUp: () => Promise<void>) => void,
): BodyReader {
  return {
    json: async <Value>(options?: JsonOptions) =>
      (await readJson(request, { maxBytes, ...options })) as Value,
    text: (options) => readText(request, { maxBytes, ...options }),
    bytes: (options) => readBytes(request, { maxBytes, ...options }),
    form: (options) => readForm(request, { maxBytes, ...options }),
    multipart(options) {
      const form = readMultipart(request, { maxBytes, ...options });
      onEnd(() => form.dispose());
      return form;
    },
    pieces: (options) => readPieces(request, options),
    stream: () => toWebStream(request.body),
  };
}
