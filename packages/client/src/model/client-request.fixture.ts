import type { ClientRequest } from './client-request.ts';
import { HeaderList, type HeadersInput } from './header-list.ts';
import { parseUrl } from './request-url.ts';
import { DEFAULT_TIMEOUTS } from './timeouts.ts';

/** What a test changes of a request. */
export type RequestChanges = Partial<Omit<ClientRequest, 'url' | 'headers'>> & {
  readonly url?: ClientRequest['url'];
  /** A list is taken as it is. */
  readonly headers?: HeaderList | HeadersInput;
};

/** A GET as `Client.build` makes it, without fields of its own. */
export function makeRequest(url: string, changes: RequestChanges = {}): ClientRequest {
  const { headers, ...others } = changes;
  return {
    method: 'GET',
    url: parseUrl(url),
    headers: headers instanceof HeaderList ? headers : new HeaderList(headers),
    ownsHeaders: true,
    body: null,
    auth: null,
    timeouts: DEFAULT_TIMEOUTS,
    signal: null,
    followRedirects: true,
    maxRedirects: 20,
    retry: null,
    isStreaming: false,
    maxBodyBytes: 64 * 1024 * 1024,
    decompress: true,
    expectContinue: false,
    onUploadProgress: null,
    startedAtMs: 0,
    name: null,
    watch: null,
    ...others,
  };
}
