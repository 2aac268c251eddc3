import { CLOSE_NO_STATUS, isCloseCode } from '@needletail/wire/websocket';
import { WebSocketError } from './websocket-error.ts';

/** A control frame holds so much (RFC 6455 §5.5), a close frame two bytes less for its code. */
const MOST_PING_BYTES = 125;
const MOST_REASON_BYTES = 123;

/** Throws WebSocketError INVALID_CLOSE for what no close frame may say (RFC 6455 §5.5.1, §7.4). */
export function checkClose(code: number, reason: string): void {
  if (!isCloseCode(code) && !(code === CLOSE_NO_STATUS && reason === '')) {
    throw refused('INVALID_CLOSE', `${code} is no code to send`, 'Give 1000, or 3000 to 4999');
  }
  const sizeBytes = Buffer.byteLength(reason);
  if (sizeBytes <= MOST_REASON_BYTES) return;
  throw refused(
    'INVALID_CLOSE',
    `its reason is ${sizeBytes} bytes long`,
    `Give ${MOST_REASON_BYTES} at most`,
  );
}

/** Throws WebSocketError INVALID_PING. */
export function checkPing({ length }: Uint8Array): void {
  if (length <= MOST_PING_BYTES) return;
  throw refused(
    'INVALID_PING',
    `its payload is ${length} bytes long`,
    `Give ${MOST_PING_BYTES} at most`,
  );
}

function refused(code: string, reason: string, remedy: string): WebSocketError {
  const problem = code === 'INVALID_PING' ? 'Ping not sent' : 'Close not sent';
  return new WebSocketError({ code, problem, reason, remedy });
}
