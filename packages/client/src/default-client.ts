import { Client } from './client.ts';
import type { RequestOptions } from './model/client-options.ts';
import type { ClientResponse } from './model/client-response.ts';
import type { StreamingResponse } from './model/streaming-response.ts';

let shared: Client | null = null;

/** The client behind `get(url)` and the like, made at first use. It keeps no cookies, since its callers share nothing else. */
function defaultClient(): Client {
  shared ??= new Client({ cookieJar: false });
  return shared;
}

/** One GET without a client of one's own; connections are kept and shared, cookies are not. */
export function get(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
  return request('GET', url, options);
}

export function head(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
  return request('HEAD', url, options);
}

export function options(url: string | URL, given?: RequestOptions): Promise<ClientResponse> {
  return request('OPTIONS', url, given);
}

/** DELETE; the language keeps its name to itself. */
export function del(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
  return request('DELETE', url, options);
}

export function post(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
  return request('POST', url, options);
}

export function put(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
  return request('PUT', url, options);
}

export function patch(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
  return request('PATCH', url, options);
}

/** As `Client.request`, with every option of it. */
export function request(
  method: string,
  url: string | URL,
  options?: RequestOptions,
): Promise<ClientResponse> {
  return defaultClient().request(method, url, options);
}

/** As `Client.stream`. */
export function stream(
  method: string,
  url: string | URL,
  options?: RequestOptions,
): Promise<StreamingResponse> {
  return defaultClient().stream(method, url, options);
}
