export type {
  Dispatch,
  IncomingBody,
  Listening,
  ListenOptions,
  ServerReply,
  ServerRequest,
} from './listen/exchange.ts';
export { listenOnWire, type WireListening } from './listen/listen-on-wire.ts';
export type { TakeOver, WireLimits, WireOptions, WireTimeouts } from './listen/wire-options.ts';
export {
  AnsweredTwiceError,
  BodyTooLargeError,
  BodyUsedError,
  ClientGoneError,
  HeadGoneError,
  InvalidReplyError,
  RequestRefusedError,
  ServerError,
  TakeOverError,
} from './errors.ts';
