import type { HeadersInput } from '../model/header-list.ts';
import { HeaderList } from '../model/header-list.ts';
import type { RequestOptions } from '../model/client-options.ts';

/** What streams need of a client. */
export interface StreamClient {
  stream(method: string, url: string, options?: RequestOptions): Promise<StreamedResponse>;
}

/** A response whose body is read as it comes: a `StreamingResponse`. */
export interface StreamedResponse extends AsyncIterable<Uint8Array> {
  readonly status: number;
  /** After redirects. */
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  /** Gives up the rest of the body; nothing happens when it was read. */
  close(): unknown;
}

/** `headers` and, where they do not say otherwise, `fields`. Null in an object still drops what the client has. */
export function withFields(
  headers: HeadersInput | undefined,
  fields: Readonly<Record<string, string>>,
): HeadersInput {
  if (headers === undefined) return fields;
  if (Symbol.iterator in headers) {
    const list = new HeaderList(headers);
    for (const [name, value] of Object.entries(fields)) {
      if (!list.has(name)) list.append(name, value);
    }
    return list;
  }
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const missing = Object.entries(fields).filter(([name]) => !names.has(name.toLowerCase()));
  return { ...headers, ...Object.fromEntries(missing) };
}
