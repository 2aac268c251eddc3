export type {
  Dispatch,
  IncomingBody,
  Listening,
  ListenOptions,
  ServerReply,
  ServerRequest,
} from './listen/exchange.ts';
export type { Availability, Backend, BackendName } from './listen/backend.ts';
export { listenOn } from './listen/listen-on.ts';
export { listenOnWire, type WireListening } from './listen/listen-on-wire.ts';
export type {
  TakeOver,
  ServerLimits,
  ServerOptions,
  ServerTimeouts,
} from './listen/server-options.ts';
export {
  AnsweredTwiceError,
  BackendError,
  BodyTooLargeError,
  BodyUsedError,
  ClientGoneError,
  HeadGoneError,
  InvalidReplyError,
  RequestRefusedError,
  ServerError,
  TakeOverError,
} from './errors.ts';
