import type { FieldValue } from '@needletail/wire';
import type { AuthFlow } from '../auth/auth-flow.ts';
import type { RetryOptions } from '../send/retry-policy.ts';
import type { Transport } from '../transport/transport.ts';
import type { ClientRequest, TransferProgress } from './client-request.ts';
import type { ClientResponse } from './client-response.ts';
import type { HeadersInput } from './header-list.ts';
import type { TimeoutInput } from './timeouts.ts';

export type ParamValue = string | number | bigint | boolean | null | undefined;

/** Query parameters; an array repeats its name, null is an empty value, undefined is left out. */
export type ParamsInput =
  | string
  | URLSearchParams
  | Iterable<readonly [name: string, value: ParamValue]>
  | Readonly<Record<string, ParamValue | readonly ParamValue[]>>;

/** `user:password`, a bearer token, or a flow: `digest(…)`, `oauth2(…)`, `netrc(…)`, one of your own. */
export type AuthInput =
  | { readonly username: string; readonly password: string }
  | { readonly bearer: string }
  | AuthFlow;

export interface TlsOptions {
  /** Certificates to trust in place of the system's, in PEM. */
  readonly ca?: string;
  /** Client certificate and its key, in PEM. */
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  /** Accepts any certificate: for tests. */
  readonly insecure?: boolean;
  /** The name to ask for and to verify, where it is not that of the URL. */
  readonly servername?: string;
}

export interface PoolLimits {
  /** All origins together; 100 unless set. */
  readonly maxConnections?: number;
  /** 50 unless set. */
  readonly maxConnectionsPerOrigin?: number;
  /** Idle connections kept, all origins together; as many as `maxConnections` unless set. */
  readonly maxKeepAlive?: number;
  /** Milliseconds an idle connection is kept, less where the server says so; 4 000 unless set. */
  readonly keepAliveExpiry?: number;
}

export interface RateLimitOptions {
  readonly requestsPerSecond: number;
  /** Requests that may leave at once after a pause; 1 unless set, which spaces them evenly. */
  readonly burst?: number;
}

export interface ProxyOptions {
  /** http or https; user info in it becomes Proxy-Authorization. */
  readonly url: string;
  readonly auth?: { readonly username: string; readonly password: string };
  /** Sent to the proxy only. */
  readonly headers?: HeadersInput;
  /** TLS to the proxy itself; that to the target has the client's `tls`. */
  readonly tls?: TlsOptions;
  /** Hosts not to be proxied, in the form of NO_PROXY. */
  readonly noProxy?: string;
}

/** Called for each exchange on the wire, redirects and retries included; what they throw fails the request. */
export interface Hooks {
  /** May change `request.headers`: through `ownHeaders(request)`. */
  readonly request?: (request: ClientRequest) => void | Promise<void>;
  /** Sees the head; the body has not been read. */
  readonly response?: (response: ResponseHeadView, request: ClientRequest) => void | Promise<void>;
}

export interface ResponseHeadView {
  readonly status: number;
  readonly headers: ClientResponse['headers'];
  readonly httpVersion: ClientResponse['httpVersion'];
}

/** What may be set for a client, and for one request again. */
interface SharedOptions {
  /** Each name replaces the client's value under it; null drops it. */
  readonly headers?: HeadersInput;
  /** Added to those of the client and of the URL. */
  readonly params?: ParamsInput;
  /** Sent beside what the jar holds for the URL. */
  readonly cookies?: Readonly<Record<string, string>>;
  /** Null for none. */
  readonly auth?: AuthInput | null;
  readonly timeout?: TimeoutInput;
  /** True unless set. */
  readonly followRedirects?: boolean;
  /** 20 unless set. */
  readonly maxRedirects?: number;
  /** Off unless set; true for the defaults of `RetryOptions`, a number for so many tries after the first. */
  readonly retry?: RetryOptions | number | boolean;
  /** Bytes of a body kept in memory, as received and again once decoded; 64 MiB unless set. */
  readonly maxBodyBytes?: number;
  /** Asks for and undoes gzip, deflate, br and zstd; true unless set. */
  readonly decompress?: boolean;
}

export interface ClientOptions extends SharedOptions {
  /** Put before relative URLs. `/x` is appended to its path too. */
  readonly baseUrl?: string;
  readonly limits?: PoolLimits;
  readonly rateLimit?: RateLimitOptions;
  /** Null for none, also where the environment names one. */
  readonly proxy?: string | ProxyOptions | null;
  /** Whether HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY count; true unless set. */
  readonly trustEnv?: boolean;
  /** Offers HTTP/2 over TLS (ALPN) and takes what the server chooses; 'prior-knowledge' speaks it without asking. */
  readonly http2?: boolean | 'prior-knowledge';
  readonly tls?: TlsOptions;
  /** Path of a unix socket that stands for every host. */
  readonly socketPath?: string;
  readonly hooks?: Hooks;
  /** Replaces the network. */
  readonly transport?: Transport;
  /** Transports by URL pattern: `all://*.internal`, `https://api.example.com`, `all://localhost:3000`; null for the usual. */
  readonly mounts?: Readonly<Record<string, Transport | null>>;
  /** Keeps cookies that answers set, for requests to come (RFC 6265); true unless set. */
  readonly cookieJar?: boolean;
  /** Adds `traceparent` (W3C Trace Context) to each request: true for new traces, or a function that gives the header. */
  readonly traceContext?: boolean | (() => string | undefined);
  /** Lets a redirect lead from https to http; false unless set. */
  readonly allowDowngrade?: boolean;
}

export interface RequestOptions extends SharedOptions {
  /** Serialised; Content-Type application/json. */
  readonly json?: unknown;
  /** `application/x-www-form-urlencoded`. */
  readonly form?: ParamsInput;
  /** `multipart/form-data`; files are streamed. */
  readonly multipart?: MultipartInput;
  /** Sent as it is. */
  readonly body?: BodyInput;
  readonly signal?: AbortSignal;
  /** Waits for `100 Continue` before the body, a second at most. */
  readonly expectContinue?: boolean;
  readonly onUploadProgress?: (progress: TransferProgress) => void;
  /** What measurements group the request under, in place of its URL: `GET /cart/:id`. Nothing of it is sent. */
  readonly name?: string;
}

export type BodyInput =
  | string
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>;

export type MultipartInput =
  | FormData
  | Iterable<readonly [name: string, value: PartInput]>
  | Readonly<Record<string, PartInput | readonly PartInput[]>>;

export type PartInput = string | number | boolean | Blob | Uint8Array | FilePart;

/** One part of a multipart body with more to say than its content. */
export interface FilePart {
  readonly content: string | Uint8Array | Blob | AsyncIterable<Uint8Array>;
  /** Null for none; `upload` unless set, or what the Blob is called. */
  readonly filename?: string | null;
  /** `application/octet-stream` unless set or told by the Blob. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, FieldValue>>;
  /** Bytes of `content` where it is a stream, so that the whole length is known. */
  readonly length?: number;
}

/** An object that validates, by the Standard Schema specification: zod, valibot, arktype and others make them. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
