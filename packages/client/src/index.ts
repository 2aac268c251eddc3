export { Client } from './client.ts';
export { del, get, head, options, patch, post, put, request, stream } from './default-client.ts';

export type {
  AuthInput,
  BodyInput,
  ClientOptions,
  FilePart,
  Hooks,
  MultipartInput,
  ParamsInput,
  PartInput,
  PoolLimits,
  ProxyOptions,
  RateLimitOptions,
  RequestOptions,
  ResponseHeadView,
  StandardSchema,
  TlsOptions,
} from './model/client-options.ts';
export type { TimeoutInput, TimeoutOptions, Timeouts } from './model/timeouts.ts';
export {
  ownHeaders,
  requestWith,
  type ClientRequest,
  type TransferProgress,
} from './model/client-request.ts';
export { HeaderList, type HeadersInput } from './model/header-list.ts';
export { parseUrl, type RequestUrl } from './model/request-url.ts';
export { ClientResponse } from './model/client-response.ts';
export { StreamingResponse, type LineOptions } from './model/streaming-response.ts';
export { ResponseLinks, type ResponseLink } from './model/response-links.ts';
export type { RequestBody } from './body/request-body.ts';
export { BodyChannel, type BodyFlow, type ResponseBody } from './body/response-body.ts';
export { fileFrom, type FileFromOptions } from './body/disk-file.ts';

export { authFlow, type AuthConversation, type AuthFlow } from './auth/auth-flow.ts';
export { basic } from './auth/basic.ts';
export { bearer, type TokenSource } from './auth/bearer.ts';
export { digest } from './auth/digest.ts';
export { netrc } from './auth/netrc.ts';
export { oauth2, type OAuth2Options } from './auth/oauth2.ts';

export type { RetryOptions } from './send/retry-policy.ts';
export type { CookieStore } from './send/cookie-store.ts';
export type { StoredCookie } from './send/stored-cookie.ts';
export type { Raw, RawOptions, RawResponse } from './send/raw.ts';

export type { BatchClient, BatchInput, BatchRequest } from './batch/batch-client.ts';
export { gather, type GatherOptions, type GatherProgress } from './batch/gather.ts';
export { gatherPages, type GatherPagesOptions } from './batch/gather-pages.ts';
export { collect, type Collected, type CollectOptions } from './batch/collect.ts';
export type { CollectProgress } from './batch/collect-progress.ts';
export type { ItemRetry } from './batch/item-retry.ts';
export {
  paginate,
  type PaginateOptions,
  type Paginator,
  type RecordOptions,
} from './batch/paginate.ts';
export type { NextPage } from './batch/next-page.ts';
export {
  parseInWorkers,
  type ParseInWorkers,
  type ParseWorkersOptions,
} from './batch/parse-pool.ts';
export { download, type DownloadOptions, type DownloadResult } from './stream/download.ts';
export {
  events,
  type EventsOptions,
  type EventStream,
  type ReconnectOptions,
} from './stream/event-stream.ts';
export type { ServerEvent } from './stream/server-event.ts';

export type {
  HttpVersion,
  OriginStatus,
  PoolStatus,
  ResponseReceiver,
  Transport,
  TransportResponse,
} from './transport/transport.ts';
export { sendTo } from './transport/send-to.ts';
export {
  createNetworkTransport,
  type NetworkTransportOptions,
} from './transport/network-transport.ts';
export {
  openPartitionedNetwork,
  type NetworkPartition,
  type PartitionedNetwork,
  type PartitionedNetworkOptions,
} from './transport/partitioned-network.ts';
export type { ConnectionWatch, ExchangeWatch } from './transport/exchange-watch.ts';
export {
  mock,
  MockTransport,
  type MockAnswer,
  type MockCall,
  type MockHandler,
  type MockOptions,
} from './transport/mock-transport.ts';
export type { MockRoute, MockRoutes } from './transport/mock-routes.ts';
export {
  recording,
  RecordingTransport,
  type RecordingOptions,
} from './transport/recording-transport.ts';
export type { RedactOptions } from './transport/redaction.ts';
export { appTransport, type FetchApp } from './transport/app-transport.ts';
export { listenerTransport, type NodeListener } from './transport/listener-transport.ts';

export { typedClient, type TypedClient } from './typed/typed-client.ts';
export type { Jsonified } from './typed/jsonified.ts';
export type {
  ArrivedBody,
  CallOptions,
  OptionsArgument,
  PatternOf,
  RouteAt,
  RouteName,
  TypedApp,
  UrlOptions,
} from './typed/typed-routes.ts';

export {
  AbortedError,
  AppError,
  AuthError,
  BodyStateError,
  CheckpointError,
  ClientError,
  ClosedError,
  ConnectError,
  ConnectTimeoutError,
  DecodingError,
  DownloadError,
  EventStreamError,
  InvalidRequestError,
  InvalidUrlError,
  LocalProtocolError,
  MockError,
  PaginationError,
  PoolTimeoutError,
  ProxyError,
  ReadError,
  ReadTimeoutError,
  RedirectError,
  RemoteProtocolError,
  RequestError,
  StatusError,
  TimeoutError,
  TlsError,
  TotalTimeoutError,
  TransportError,
  UsageError,
  ValidationError,
  WebSocketError,
  WorkerError,
  WriteError,
  WriteTimeoutError,
  type ErrorDetails,
  type Phase,
} from './errors.ts';
