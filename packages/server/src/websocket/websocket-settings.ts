import { MessageDeflate, type DeflateAgreement } from '@needletail/wire/websocket';
import { checkNames } from '../listen/check-names.ts';
import { WebSocketError } from './websocket-error.ts';
import {
  SOCKET_OPTIONS,
  type BackpressurePolicy,
  type DeflateOptions,
  type WebSocketOptions,
} from './websocket-options.ts';

/** Handlers and limits as connections use them, decided once for each path. */
export interface WebSocketSettings {
  readonly handlers: WebSocketOptions<unknown, unknown>;
  readonly messageLimits: { readonly maxMessageBytes: number; readonly maxFragments: number };
  readonly maxPendingMessages: number;
  readonly maxBackpressureBytes: number;
  readonly backpressure: BackpressurePolicy;
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly deflate: DeflateOptions | null;
  /** Without contexts to take over, connections that agreed on the same share what compresses. */
  deflateFor(agreement: DeflateAgreement): MessageDeflate;
}

const MIB = 1024 * 1024;
const POLICIES: readonly BackpressurePolicy[] = ['drop', 'close', 'wait'];

/** Options with their defaults; throws WebSocketError INVALID_OPTION, and an OptionError for names there are not. */
export function settingsOf<Data, Context>(
  options: WebSocketOptions<Data, Context>,
): WebSocketSettings {
  checkNames('WebSocketOptions', options, SOCKET_OPTIONS);
  const { backpressure = 'drop' } = options;
  if (!POLICIES.includes(backpressure)) {
    throw invalid('backpressure', String(backpressure), `one of ${POLICIES.join(', ')}`);
  }
  const deflate = deflateOf(options.deflate ?? false);
  const deflates = new Map<number, MessageDeflate>();
  return {
    handlers: options as WebSocketOptions<unknown, unknown>,
    messageLimits: {
      maxMessageBytes: count('maxMessageBytes', options.maxMessageBytes, MIB, 1),
      maxFragments: count('maxFragments', options.maxFragments, 16_384, 1),
    },
    maxPendingMessages: count('maxPendingMessages', options.maxPendingMessages, 64, 1),
    maxBackpressureBytes: count('maxBackpressureBytes', options.maxBackpressureBytes, MIB, 0),
    backpressure,
    pingIntervalMs: count('pingIntervalMs', options.pingIntervalMs, 30_000, 0),
    pongTimeoutMs: count('pongTimeoutMs', options.pongTimeoutMs, 10_000, 1),
    idleTimeoutMs: count('idleTimeoutMs', options.idleTimeoutMs, 0, 0),
    closeTimeoutMs: count('closeTimeoutMs', options.closeTimeoutMs, 5_000, 0),
    deflate,
    deflateFor(agreement) {
      const bits = agreement.serverMaxWindowBits;
      const made = deflates.get(bits) ?? new MessageDeflate('server', agreement, deflate ?? {});
      deflates.set(bits, made);
      return made;
    },
  };
}

function deflateOf(given: boolean | DeflateOptions): DeflateOptions | null {
  if (given === false) return null;
  const options = given === true ? {} : given;
  count('deflate.thresholdBytes', options.thresholdBytes, 0, 0);
  within('deflate.level', options.level, 1, 9);
  within('deflate.maxWindowBits', options.maxWindowBits, 9, 15);
  return options;
}

function count(name: string, given: number | undefined, unset: number, least: number): number {
  const value = given ?? unset;
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw invalid(name, String(value), `a whole number from ${least}`);
}

function within(name: string, given: number | undefined, least: number, most: number): void {
  if (given === undefined) return;
  if (Number.isInteger(given) && given >= least && given <= most) return;
  throw invalid(name, String(given), `a whole number from ${least} to ${most}`);
}

function invalid(name: string, value: string, wanted: string): WebSocketError {
  return new WebSocketError({
    code: 'INVALID_OPTION',
    problem: 'WebSocket not set up',
    reason: `${name} is ${value}`,
    where: name,
    remedy: `Give ${wanted}`,
  });
}
