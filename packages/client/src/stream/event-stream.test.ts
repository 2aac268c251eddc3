import { FieldMap } from '@needletail/wire';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { describe, expect, it } from 'vitest';
import { AbortedError, EventStreamError, InvalidUrlError, ReadError } from '../errors.ts';
import type { RequestOptions } from '../model/client-options.ts';
import { HeaderList } from '../model/header-list.ts';
import { events, type EventsOptions } from './event-stream.ts';
import type { StreamClient, StreamedResponse } from './stream-client.ts';

const TYPE = 'Content-Type: Text/Event-Stream; charset=utf-8\r\n';

/** What the server does with one connection. */
type Turn =
  | { readonly send: readonly string[]; readonly after?: 'end' | 'break' | 'hang' }
  | { readonly status: number; readonly fields?: string }
  | { readonly fail: Error };

/** Does one turn after the other; the last for ever. */
class TurnClient implements StreamClient {
  readonly asked: {
    readonly method: string;
    readonly headers: HeaderList;
    readonly options: RequestOptions;
  }[] = [];
  closed = 0;
  readonly #turns: Turn[];

  constructor(...turns: Turn[]) {
    this.#turns = turns;
  }

  stream(method: string, url: string, options: RequestOptions = {}): Promise<StreamedResponse> {
    this.asked.push({ method, headers: new HeaderList(options.headers), options });
    const turn = this.#turns.length > 1 ? this.#turns.shift()! : this.#turns[0]!;
    if ('fail' in turn) return Promise.reject(turn.fail);
    const isStream = 'send' in turn;
    return Promise.resolve({
      status: isStream ? 200 : turn.status,
      url,
      headers: new FieldMap(isStream ? TYPE : (turn.fields ?? '')),
      close: () => (this.closed += 1),
      [Symbol.asyncIterator]: () => this.#body(isStream ? turn : { send: [] }, options.signal!),
    });
  }

  async *#body(
    { send, after = 'end' }: Extract<Turn, { send: unknown }>,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    try {
      for (const text of send) yield Buffer.from(text);
      if (after === 'break') throw broken();
      if (after === 'hang') {
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(AbortedError.of(signal)));
        });
      }
    } finally {
      this.closed += 1;
    }
  }
}

function broken(): ReadError {
  return new ReadError({
    code: 'RESET',
    phase: 'body',
    problem: 'Broken',
    reason: 'on purpose',
    remedy: 'None',
  });
}

/** Runs through pauses on a clock that jumps; gives the data of the events and the pauses. */
async function read(
  client: StreamClient,
  options: EventsOptions = {},
): Promise<{ data: string[]; error: unknown; pausesMs: number[] }> {
  const clock = new FakeClock();
  const data: string[] = [];
  const pausesMs: number[] = [];
  let error: unknown = null;
  let isEnded = false;
  const reading = (async () => {
    const onReconnect: EventsOptions['onReconnect'] = ({ delayMs }) => pausesMs.push(delayMs);
    for await (const event of events(client, 'http://h/e', { clock, onReconnect, ...options })) {
      data.push(event.data);
    }
  })()
    .catch((thrown: unknown) => (error = thrown))
    .finally(() => (isEnded = true));
  while (!isEnded) {
    await new Promise((resolve) => void setImmediate(resolve));
    clock.runAll();
  }
  await reading;
  return { data, error, pausesMs };
}

describe('events', () => {
  it('yields events, and ends at 204', async () => {
    const client = new TurnClient({ send: ['data: 1\n\nda', 'ta: 2\n\n'] }, { status: 204 });
    expect(await read(client)).toMatchObject({ data: ['1', '2'], error: null });
  });

  it('asks for a stream, uncached, without a limit to its silence', async () => {
    const client = new TurnClient({ status: 204 });
    await read(client, { headers: { 'X-Key': 'k' }, json: { a: 1 }, method: 'POST' });
    const { method, headers, options } = client.asked[0]!;
    expect(method).toBe('POST');
    expect([...headers]).toEqual([
      ['X-Key', 'k'],
      ['accept', 'text/event-stream'],
      ['cache-control', 'no-store'],
    ]);
    expect(options).toMatchObject({ timeout: { read: null }, json: { a: 1 } });
    expect(Object.keys(options).toSorted()).toEqual(['headers', 'json', 'signal', 'timeout']);
  });

  it('leaves fields and limits of the caller as they are', async () => {
    const client = new TurnClient({ status: 204 });
    const headers = [['Accept', 'application/x']] as const;
    await read(client, { headers, timeout: { read: 5 }, lastEventId: '41' });
    const { headers: sent, options } = client.asked[0]!;
    expect(sent.getAll('accept')).toEqual(['application/x']);
    expect(sent.get('last-event-id')).toBe('41');
    expect(options.timeout).toEqual({ read: 5 });
  });

  it('goes on after the last event when the stream ends or breaks', async () => {
    const client = new TurnClient(
      { send: ['id: a\ndata: 1\n\n', 'data: half'] },
      { send: ['data: 2\n\nid: é\ndata: 3\n\n'], after: 'break' },
      { status: 204 },
    );
    expect((await read(client)).data).toEqual(['1', '2', '3']);
    const ids = client.asked.map(({ headers }) => headers.get('last-event-id'));
    expect(ids).toEqual([null, 'a', Buffer.from('é').toString('latin1')]);
  });

  it('waits as long as the server says, and up to half as long again', async () => {
    const client = new TurnClient({ send: ['retry: 200\ndata: 1\n\n'] }, { status: 204 });
    const { pausesMs } = await read(client);
    expect(pausesMs).toHaveLength(1);
    expect(pausesMs[0]).toBeGreaterThanOrEqual(200);
    expect(pausesMs[0]).toBeLessThanOrEqual(300);
  });

  it('waits longer with each failure in a row, up to its limit', async () => {
    const client = new TurnClient({ fail: broken() });
    const reconnect = { maxAttempts: 4, minMs: 100, maxMs: 500 };
    const { pausesMs, error } = await read(client, { reconnect });
    expect(error).toBeInstanceOf(ReadError);
    expect(client.asked).toHaveLength(5);
    for (const [index, leastMs] of [100, 200, 400, 500].entries()) {
      expect(pausesMs[index]).toBeGreaterThanOrEqual(leastMs);
      expect(pausesMs[index]).toBeLessThanOrEqual(Math.min(500, leastMs * 1.5));
    }
  });

  it('counts failures anew after an event', async () => {
    const turns: Turn[] = [];
    for (let index = 0; index < 6; index += 1) {
      turns.push({ fail: broken() }, { send: ['data: x\n\n'], after: 'break' });
    }
    const client = new TurnClient(...turns, { status: 204 });
    const { data, error } = await read(client, { reconnect: { maxAttempts: 2 } });
    expect(error).toBeNull();
    expect(data).toHaveLength(6);
  });

  it('gives up a stream that ends again and again without an event', async () => {
    const client = new TurnClient({ send: [': hello\n\n'] });
    const { error } = await read(client, { reconnect: { maxAttempts: 2 } });
    expect(error).toMatchObject({ code: 'EVENT_STREAM_ENDED' });
    expect(client.asked).toHaveLength(3);
  });

  it('asks a busy server again, not before Retry-After', async () => {
    const busy = { status: 503, fields: 'Retry-After: 7\r\n' };
    const { pausesMs, error } = await read(new TurnClient(busy, { status: 204 }));
    expect(error).toBeNull();
    expect(pausesMs[0]).toBeGreaterThanOrEqual(7000);
  });

  it.each([
    [{ status: 404 }, 'EVENT_STREAM_STATUS'],
    [{ status: 206, fields: TYPE }, 'EVENT_STREAM_STATUS'],
    [{ status: 200, fields: 'Content-Type: text/html\r\n' }, 'NOT_EVENT_STREAM'],
    [{ status: 200 }, 'NOT_EVENT_STREAM'],
  ])('throws for %j, without asking again', async (turn, code) => {
    const client = new TurnClient(turn);
    const { error } = await read(client);
    expect(error).toBeInstanceOf(EventStreamError);
    expect(error).toMatchObject({ code, url: 'http://h/e' });
    expect(client.asked).toHaveLength(1);
    expect(client.closed).toBe(1);
  });

  it('throws for an event that is too large, and closes the stream', async () => {
    const client = new TurnClient({ send: [`data: ${'x'.repeat(100)}\n\n`], after: 'hang' });
    const { error } = await read(client, { maxEventBytes: 64 });
    expect(error).toMatchObject({ code: 'EVENT_TOO_LARGE' });
    expect(client.closed).toBe(1);
  });

  it('throws at once for a call that is wrong in itself', async () => {
    const fail = new InvalidUrlError({
      code: 'INVALID_URL',
      phase: 'build',
      problem: 'No',
      reason: 'no',
      remedy: 'No',
    });
    const client = new TurnClient({ fail });
    expect((await read(client)).error).toBe(fail);
    expect(client.asked).toHaveLength(1);
  });

  it.each([
    [{ send: ['data: 1\n\n'] }, null],
    [{ send: ['data: 1\n\n'], after: 'break' }, 'RESET'],
  ] as [Turn, string | null][])('does not ask again without reconnect', async (turn, code) => {
    const client = new TurnClient(turn);
    const { data, error } = await read(client, { reconnect: false });
    expect(data).toEqual(['1']);
    expect((error as ReadError | null)?.code ?? null).toBe(code);
    expect(client.asked).toHaveLength(1);
  });

  it('closes the stream when the loop is left', async () => {
    const client = new TurnClient({ send: ['data: 1\n\n'], after: 'hang' });
    for await (const event of events(client, 'http://h/e')) {
      expect(event.data).toBe('1');
      break;
    }
    expect(client.closed).toBe(1);
  });

  it('ends when it is closed, between events and between connections', async () => {
    const client = new TurnClient({ send: ['data: 1\n\n'], after: 'hang' });
    const stream = events(client, 'http://h/e');
    for await (const event of stream) {
      expect(event.data).toBe('1');
      setImmediate(() => stream.close());
    }
    const waiting = events(new TurnClient({ fail: broken() }), 'http://h/e', {
      onReconnect: () => void setImmediate(() => waiting.close()),
    });
    for await (const _ of waiting) expect.unreachable();
  });

  it.each([{ send: [], after: 'hang' }, { fail: broken() }] as Turn[])(
    'throws AbortedError when its signal aborts',
    async (turn) => {
      const controller = new AbortController();
      const stream = events(new TurnClient(turn), 'http://h/e', { signal: controller.signal });
      setTimeout(() => controller.abort(), 5);
      await expect(stream[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(AbortedError);
    },
  );
});
