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
export { isPersistent } from './http1/lifecycle.ts';
export type { BodySink } from './http1/body-decoder.ts';
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
export { Dialer, type DialerOptions } from './link/dialer.ts';
export { listen, type Listener, type LinkListenOptions } from './link/listen.ts';
export {
  memoryPair,
  MemoryNetwork,
  type MemoryLink,
  type MemoryLinkOptions,
} from './link/memory.ts';
export { resolveHost } from './link/resolve.ts';
export type { TcpTarget } from './link/tcp.ts';
export type { SessionCache, TlsSettings } from './link/tls.ts';
