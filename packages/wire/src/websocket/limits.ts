/** Every size a frame decoder refuses to pass; see `FrameLimitError`. */
export interface MessageSizeLimits {
  /** Payload bytes of one message, all its fragments together, and again once inflated; closes with 1009. */
  readonly maxMessageBytes: number;
  /** Frames of one message, empty ones too, for each costs work and none need carry a byte; closes with 1008. */
  readonly maxFragments: number;
}

/** Name of a limit, as `FrameLimitError.limit` gives it. */
export type MessageLimitName = keyof MessageSizeLimits;

const MAX_FRAGMENTS = 16_384;

/** What a client takes from a server. */
export const CLIENT_MESSAGE_LIMITS: MessageSizeLimits = {
  maxMessageBytes: 16 * 1024 * 1024,
  maxFragments: MAX_FRAGMENTS,
};

/** What a server takes from a client. */
export const SERVER_MESSAGE_LIMITS: MessageSizeLimits = {
  maxMessageBytes: 1024 * 1024,
  maxFragments: MAX_FRAGMENTS,
};
