export {
  CodecStateError,
  EncodeError,
  LimitError,
  ProtocolError,
  WireError,
  type EncodeCode,
  type ProtocolCode,
} from './http1/errors.ts';
export {
  DEFAULT_REQUEST_LIMITS,
  DEFAULT_RESPONSE_LIMITS,
  type LimitName,
  type MessageLimits,
  type RequestLimits,
  type ResponseLimits,
} from './http1/limits.ts';
export {
  expectAction,
  isPersistent,
  mayResend,
  canUpgrade,
  type ExpectAction,
} from './http1/lifecycle.ts';
export { RequestDecoder, type RequestHead, type RequestSink } from './http1/request-decoder.ts';
export { authorityOf } from './http1/request-target.ts';
export { FieldMap } from './http1/field-map.ts';
export {
  ResponseBuilder,
  type ReceivedResponse,
  type ResponseBuilderOptions,
} from './http1/response-builder.ts';
export {
  RequestBuilder,
  type ReceivedRequest,
  type RequestBuilderOptions,
} from './http1/request-builder.ts';
export { encodeFields, type FieldInput, type FieldValue } from './http1/field-encoder.ts';
export type { FramingOptions } from './http1/framing-encoder.ts';
export { encodeRequestHead, type RequestHeadInput } from './http1/request-encoder.ts';
export {
  CONTINUE_HEAD,
  encodeResponseHead,
  hasResponseBody,
  type AnsweredRequest,
  type ResponseHeadInput,
} from './http1/response-encoder.ts';
export { encodeChunk, encodeLastChunk, LAST_CHUNK } from './http1/chunk-encoder.ts';
export { BodyCollector } from './http1/body-collector.ts';
export { BodyLength } from './http1/body-length.ts';
export { HttpDate } from './http1/http-date.ts';
export { REASON_PHRASES } from './http1/reason-phrases.ts';
export type { BodySink } from './http1/body-decoder.ts';
export { SharedHeads } from './http1/shared-heads.ts';
export {
  BODY_EXPECTED,
  BODY_NONE,
  BODY_TUNNEL,
  ResponseDecoder,
  type ResponseHead,
  type ResponseSink,
} from './http1/response-decoder.ts';
export { systemClock, type Clock, type TimerHandle } from './clock.ts';
export type { Connector, Link, LinkHandler, OpenTimings } from './link/link.ts';
export {
  classifySocketError,
  LinkError,
  type LinkErrorCode,
  type LinkPhase,
} from './link/errors.ts';
export { connectTcp, connectTls } from './link/connect.ts';
export { deferredLink } from './link/deferred-link.ts';
export { Dialer, type DialerOptions, type OpenedSocket } from './link/dialer.ts';
export { socketAccess } from './link/adopt-read-buffer.ts';
export type { SocketAccess } from './link/socket-access.ts';
export { linkOverSocket } from './link/link-over-socket.ts';
export { listen, type AcceptLink, type Listener, type LinkListenOptions } from './link/listen.ts';
export {
  memoryPair,
  MemoryNetwork,
  type MemoryLink,
  type MemoryLinkOptions,
} from './link/memory.ts';
export { resolveHost } from './link/resolve.ts';
export type { TcpTarget } from './link/tcp.ts';
export { tlsStarter, type SecureSocket, type SessionCache, type TlsSettings } from './link/tls.ts';
