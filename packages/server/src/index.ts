export type { BodyReader } from './app/body-reader.ts';
export { App, type AppListening, type AppListenOptions, type AppOptions } from './app/app.ts';
export { Context, type ContextTypes, type Forwarded, type PlainTypes } from './app/context.ts';
export { currentContext } from './app/current-context.ts';
export type { HookName, Hooks, ListenAddress } from './app/hooks.ts';
export { HttpError, problem, type HttpErrorOptions } from './app/http-error.ts';
export {
  middleware,
  type AddedBy,
  type AnyContext,
  type Handle,
  type Middleware,
  type MiddlewareInput,
  type Next,
  type Outcome,
} from './app/middleware.ts';
export type { RouteInfo } from './app/route.ts';
export type {
  Handler,
  Joined,
  LocalsOf,
  RouteOptions,
  RouteType,
  TypesOf,
  WithLocals,
  WithRoute,
} from './app/route-options.ts';
export { RouteScope, type Group, type GroupOptions, type Plugin } from './app/route-scope.ts';
export { BadInputError, type BadInputCode } from './input/bad-input.ts';
export { parseCookies, type CookieLimits } from './input/cookies.ts';
export { CookieError, encodeCookie, type CookieOptions } from './input/encode-cookie.ts';
export { FilePart, PartGoneError, type FieldPart, type Part } from './input/multipart-part.ts';
export { parseQuery, type Query, type QueryLimits } from './input/query.ts';
export {
  readBytes,
  readPieces,
  readText,
  type BodyOptions,
  type BodyRequest,
} from './input/read-body.ts';
export { readForm, type FormOptions } from './input/read-form.ts';
export { parseJson, readJson, type JsonOptions } from './input/read-json.ts';
export {
  MultipartReader,
  readMultipart,
  type FormValue,
  type MultipartLimits,
  type MultipartOptions,
} from './input/read-multipart.ts';
export { signCookie, verifyCookie, type VerifiedCookie } from './input/signed-cookie.ts';
export { StoredFile } from './input/stored-files.ts';
export { toWebStream } from './input/to-web-stream.ts';
export type { Injected, InjectRequest } from './in-process/inject.ts';
export { type Answer, isWhole } from './reply/answer.ts';
export { fieldBlock, HeadFields, type FieldBlock } from './reply/head-fields.ts';
export { file, type OneFileOptions } from './static/file.ts';
export type { FileCacheOptions, FileOptions, Precoded } from './static/file-source.ts';
export type { EtagKind } from './static/file-reply.ts';
export { staticFiles, type StaticFilesOptions } from './static/static-files.ts';
export type { SseEvent } from './reply/event-text.ts';
export { ndjson } from './reply/ndjson.ts';
export { sse, type SseOptions, type SseProducer, type SseSource } from './reply/sse.ts';
export {
  breakOff,
  bytes,
  empty,
  html,
  json,
  redirect,
  Reply,
  stream,
  text,
  type ReplyFields,
  type ReplyOptions,
  type ReplyPieces,
  type StreamOptions,
} from './reply/reply.ts';
export type {
  Dispatch,
  Failure,
  IncomingBody,
  Listening,
  ListenOptions,
  ServerReply,
  ServerRequest,
} from './listen/exchange.ts';
export type { Availability, Backend, BackendName } from './listen/backend.ts';
export { backends, type BackendChoice, type BackendReport } from './listen/backends.ts';
export { listenOn, type BackendListening } from './listen/listen-on.ts';
export type { Closing, ProcessOptions, RestartLimits } from './listen/cluster/cluster-options.ts';
export type {
  CertificateFiles,
  CertificateText,
  TlsOptions,
  TlsPolicy,
} from './listen/tls/tls-options.ts';
export { listenOnBun } from './listen/bun/bun-backend.ts';
export { listenOnNode } from './listen/node/node-backend.ts';
export { listenOnWire, type WireListening } from './listen/listen-on-wire.ts';
export type {
  TakeOver,
  ServerLimits,
  ServerOptions,
  ServerTimeouts,
} from './listen/server-options.ts';
export {
  compileInput,
  type InputReader,
  type InputSchemas,
  type InputSource,
  type ValidInput,
} from './schema/compile-input.ts';
export { compileOutput, OutputError, type OutputFilter } from './schema/compile-output.ts';
export { InputError, type InputFault, type InputPlace } from './schema/input-error.ts';
export type { BodyKind, TypedBodyOptions } from './schema/read-typed-body.ts';
export type {
  InferInput,
  InferOutput,
  JsonSchema,
  SchemaIssue,
  SchemaResult,
  StandardSchema,
} from './schema/standard-schema.ts';
export { SchemaError } from './schema/validate.ts';
export {
  AnsweredTwiceError,
  AppClosedError,
  AppFrozenError,
  HandlerError,
  BackendError,
  BodyTooLargeError,
  BodyUsedError,
  CertificateError,
  ClientGoneError,
  HeadGoneError,
  InvalidReplyError,
  OptionError,
  RequestRefusedError,
  ServerError,
  TakeOverError,
  WorkerError,
} from './errors.ts';
export {
  acceptWebSocket,
  webSocketEndpoint,
  type UpgradeCall,
  type WebSocketEndpoint,
} from './websocket/accept-websocket.ts';
export type { SendResult, ServerWebSocket } from './websocket/server-websocket.ts';
export { TopicHub, type PublishOptions, type TopicHubOptions } from './websocket/topic-hub.ts';
export { refuseUpgrade, UpgradeRefusal } from './websocket/upgrade-refusal.ts';
export type {
  BackpressurePolicy,
  DeflateOptions,
  OriginPolicy,
  WebSocketOptions,
} from './websocket/websocket-options.ts';
export { WebSocketError } from './websocket/websocket-error.ts';
