import { WireError } from '@needletail/wire';
import {
  decodeText,
  FrameDecoder,
  FrameError,
  FrameLimitError,
  type MessageInflater,
  type MessageSizeLimits,
  type WebSocketRole,
} from '@needletail/wire/websocket';
import type { CodecOutcome, CodecRecorder } from './codec-recorder.ts';

export interface FrameRecorderOptions {
  /** Whose decoder it is: that of a client takes unmasked frames. Client unless set. */
  readonly role?: WebSocketRole;
  readonly limits?: Partial<MessageSizeLimits>;
  readonly inflater?: MessageInflater;
}

/** Records what a FrameDecoder makes of its bytes. */
export function recordFrames(options: FrameRecorderOptions = {}): CodecRecorder<FrameDecoder> {
  const events: string[] = [];
  let error = '';
  const note = (kind: string, bytes: Buffer, start: number, end: number): void => {
    events.push(`${kind} ${JSON.stringify(bytes.toString('latin1', start, end))}`);
  };
  const decoder = new FrameDecoder(
    options.role ?? 'client',
    {
      onText(bytes, start, end, isAscii) {
        events.push(`text ${JSON.stringify(decodeText(bytes, start, end, isAscii))}`);
      },
      onBinary: (bytes, start, end) => note('binary', bytes, start, end),
      onPing: (bytes, start, end) => note('ping', bytes, start, end),
      onPong: (bytes, start, end) => note('pong', bytes, start, end),
      onClose: (code, reason) => events.push(`close ${code} ${JSON.stringify(reason)}`),
    },
    options.limits,
    options.inflater ?? null,
  );
  return {
    decoder,
    feed(buffer, start, end) {
      if (error !== '') return;
      try {
        decoder.feed(buffer, start, end);
      } catch (caught) {
        if (!(caught instanceof WireError)) throw caught;
        error = describe(caught);
      }
    },
    finish() {
      if (error === '' && !decoder.isClosed && decoder.midMessage) events.push('cut off');
    },
    outcome: (): CodecOutcome => ({ events, error, tunnel: '' }),
  };
}

function describe(error: WireError): string {
  if (!(error instanceof FrameError)) return error.code;
  const where = `${error.code}@${error.offset} closes with ${error.closeCode}`;
  if (!(error instanceof FrameLimitError)) return where;
  return `${where} ${error.limit} ${error.actual}/${error.maximum}`;
}
