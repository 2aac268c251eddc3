export {
  CLOSE_ABNORMAL,
  CLOSE_GOING_AWAY,
  CLOSE_INTERNAL_ERROR,
  CLOSE_INVALID_DATA,
  CLOSE_NO_STATUS,
  CLOSE_NORMAL,
  CLOSE_POLICY,
  CLOSE_PROTOCOL_ERROR,
  CLOSE_TOO_BIG,
  CLOSE_UNSUPPORTED_DATA,
  isCloseCode,
} from './websocket/close-codes.ts';
export {
  FrameEncodeError,
  FrameError,
  FrameLimitError,
  HandshakeError,
  type FrameEncodeCode,
  type FrameErrorCode,
  type HandshakeCode,
} from './websocket/errors.ts';
export {
  CLIENT_MESSAGE_LIMITS,
  SERVER_MESSAGE_LIMITS,
  type MessageLimitName,
  type MessageSizeLimits,
} from './websocket/limits.ts';
export { FrameDecoder, type WebSocketRole } from './websocket/frame-decoder.ts';
export { decodeText, type FrameSink, type MessageInflater } from './websocket/frame-sink.ts';
export { FrameEncoder, type FrameTarget, type MessageDeflater } from './websocket/frame-encoder.ts';
export { MessageDeflate, type MessageDeflateOptions } from './websocket/message-deflate.ts';
export type { DeflateAgreement, DeflateWishes } from './websocket/deflate-negotiation.ts';
export { acceptOf, createHandshakeKey } from './websocket/handshake-key.ts';
export {
  checkUpgradeResponse,
  encodeUpgradeRequest,
  type AcceptedUpgrade,
  type UpgradeRequest,
  type UpgradeRequestInput,
} from './websocket/client-handshake.ts';
export {
  answerUpgrade,
  encodeUpgradeRefusal,
  encodeUpgradeResponse,
  type UpgradeAnswer,
  type UpgradeAnswerOptions,
  type UpgradeAsked,
} from './websocket/server-handshake.ts';
export { maskKernel, type MaskKernel } from './websocket/mask.ts';
