import { ReadTimeoutError, WebSocketError } from '@needletail/client';
import type {
  CloseInfo,
  WebSocketConnection,
  WebSocketMessage,
} from '@needletail/client/websocket';
import { systemClock, type Clock } from '@needletail/wire';
import type { MessageTrace } from '../trace/message-trace.ts';
import { never } from './measuring-transport.ts';
import { pauseLength } from './pause-length.ts';
import type { RequestRecord } from './request-record.ts';
import type { UserPort } from './user-client.ts';

export interface AskOptions {
  /** What it is counted under, in place of `WS /path message`. */
  readonly name?: string;
  /** Milliseconds, or text such as `'2s'`; the time-out of the run unless set. */
  readonly timeout?: number | string;
}

/** A WebSocket whose messages are counted, and which can ask. */
export interface MeasuredWebSocket extends WebSocketConnection {
  /**
   * Sends `message` and gives the next one that comes; counts as a request with its latency. Rejects with ReadTimeoutError
   * when none comes in time, and with WebSocketError when the connection ends. Not for use beside `onMessage`.
   */
  ask(message: string | Uint8Array, options?: AskOptions): Promise<WebSocketMessage>;
}

/** Stands for a message that was answered, which has no status of its own. */
const SWITCHING_PROTOCOLS = 101;
const CLOSE_NORMAL = 1000;
const SENT = 'websocket messages sent';
const RECEIVED = 'websocket messages received';

type Step = IteratorResult<WebSocketMessage, undefined>;

/** Makes `connection` count and ask; without a port it only asks. */
export function measureWebSocket(
  connection: WebSocketConnection,
  port: UserPort | null,
  name: string,
  trace: MessageTrace | null,
): MeasuredWebSocket {
  const plainSend = connection.send.bind(connection);
  const send = trace === null ? plainSend : tracedSend(plainSend, trace);
  const inbox = connection[Symbol.asyncIterator]();
  if (trace !== null) traceClosing(connection, trace);
  if (port !== null) countMessages(connection, { port, send, inbox, trace });
  const clock = port?.log.clock ?? systemClock;
  const ask = async (
    message: string | Uint8Array,
    options: AskOptions = {},
  ): Promise<WebSocketMessage> => {
    if (port?.owner.isClosed === true) return never();
    const { timeout = port?.log.timeoutMs ?? 30_000 } = options;
    const limitMs = pauseLength(timeout, 'ask');
    const record = port === null ? null : begin(port, options.name ?? `${name} message`);
    try {
      send(message);
      const step = await within(inbox.next(), limitMs, clock, connection.url);
      if (step.done === true) throw closedUnanswered(connection.url);
      trace?.received(step.value);
      port?.owner.answered(true);
      record?.complete(SWITCHING_PROTOCOLS);
      return step.value;
    } catch (error) {
      port?.owner.failed(true, false);
      record?.fail(error);
      throw error;
    }
  };
  return Object.assign(connection, { ask });
}

function begin({ log, owner }: UserPort, name: string): RequestRecord {
  const now = log.clock.now();
  const record = log.begin(log.endpoints.placeOfName(name), owner.dueAt(now), now);
  record.sent(now);
  return record;
}

interface MessageCounting {
  readonly port: UserPort;
  readonly send: WebSocketConnection['send'];
  readonly inbox: AsyncIterator<WebSocketMessage, undefined>;
  readonly trace: MessageTrace | null;
}

function tracedSend(
  send: WebSocketConnection['send'],
  trace: MessageTrace,
): WebSocketConnection['send'] {
  return (data) => {
    const hasRoom = send(data);
    trace.sent(data);
    return hasRoom;
  };
}

function traceClosing(connection: WebSocketConnection, trace: MessageTrace): void {
  const close = connection.close.bind(connection);
  Object.defineProperty(connection, 'close', {
    value: (code = CLOSE_NORMAL, reason = ''): Promise<CloseInfo> => {
      if (connection.isOpen) trace.closing(code, reason);
      return close(code, reason);
    },
  });
  void connection.closed.then(({ code, reason, error }) => trace.closed(code, reason, error));
}

/** Plain messages go through counters, whichever way they are read. */
function countMessages(
  connection: WebSocketConnection,
  { port, send, inbox, trace }: MessageCounting,
): void {
  const { log, owner } = port;
  const { tally, names } = log;
  const sent = names.counter(SENT);
  const received = names.counter(RECEIVED);
  const onReceived = (message: WebSocketMessage): void => {
    trace?.received(message);
    owner.received();
    tally.counted(received, 1);
  };
  const handler = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(connection), 'onMessage')!;
  Object.defineProperties(connection, {
    send: {
      value: (data: string | Uint8Array): boolean => {
        if (owner.isClosed) return false;
        tally.counted(sent, 1);
        return send(data);
      },
    },
    [Symbol.asyncIterator]: {
      value: () => ({
        next: async (): Promise<Step> => {
          const step = await inbox.next();
          if (step.done !== true) onReceived(step.value);
          return step;
        },
      }),
    },
    onMessage: {
      get: () => handler.get!.call(connection) as WebSocketConnection['onMessage'],
      set: (handle: WebSocketConnection['onMessage']) => {
        const counting = (message: WebSocketMessage): void => {
          onReceived(message);
          handle!(message);
        };
        handler.set!.call(connection, handle === null ? null : counting);
      },
    },
  });
}

function within(work: Promise<Step>, limitMs: number, clock: Clock, url: string): Promise<Step> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(limitMs, () => reject(askedInVain(limitMs, url)));
    const over = (): void => clock.clearTimer(timer);
    work.finally(over).then(resolve, reject);
  });
}

function askedInVain(limitMs: number, url: string): ReadTimeoutError {
  return new ReadTimeoutError({
    code: 'READ_TIMEOUT',
    phase: 'websocket',
    problem: 'No answer in time',
    reason: `no message came within ${limitMs} ms`,
    remedy: 'Check whether the server answers such messages, or give ask a longer timeout',
    url,
  });
}

function closedUnanswered(url: string): WebSocketError {
  return new WebSocketError({
    code: 'NOT_OPEN',
    reason: 'the server closed the connection before it answered',
    remedy: 'See the promise closed of the connection for its code',
    url,
  });
}
