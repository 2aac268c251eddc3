import { describe, expect, it, vi } from 'vitest';
import { App } from '../app/app.ts';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { stream } from '../reply/reply.ts';
import { accessLog } from './access-log.ts';
import type { LineDestination } from './line-writer.ts';
import { requestId } from './request-id.ts';

function memory(): LineDestination & { text: string; drain(): void; takes: boolean } {
  let onDrain: (() => void) | null = null;
  return {
    text: '',
    takes: true,
    write(text) {
      this.text += text;
      return this.takes;
    },
    once(_, listener) {
      onDrain = listener;
    },
    drain() {
      onDrain?.();
    },
  };
}

function linesOf({ text }: { readonly text: string }): Record<string, unknown>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('accessLog()', () => {
  bothWays('writes a line for each exchange, without secrets', async ({ app, send, errors }) => {
    const destination = memory();
    const log = accessLog({ destination, headers: ['User-Agent'], query: ['page'] });
    app()
      .use(requestId({ generate: () => 'id-1' }), log)
      .get('/users/:id', () => ({ ok: true }))
      .get('/pieces', () => stream(pieces()))
      .get('/broken', () => {
        throw new Error('password=hunter2');
      });
    await send({
      url: '/users/7?page=2&token=secret1',
      headers: { Authorization: 'Bearer secret2', Cookie: 'sid=secret3', 'User-Agent': 'test/1' },
    });
    await send('/pieces');
    await send('/broken');
    await send('/nowhere');
    log.flush();
    const [user, streamed, broken, missing] = linesOf(destination);
    expect(user).toMatchObject({
      method: 'GET',
      path: '/users/7',
      route: '/users/:id',
      status: 200,
      sizeBytes: 11,
      remoteAddress: '127.0.0.1',
      requestId: 'id-1',
      query: { page: '2' },
      headers: { 'user-agent': 'test/1' },
    });
    expect(Date.parse(String(user!['time']))).not.toBeNaN();
    expect(user!['durationMs']).toBeGreaterThanOrEqual(0);
    expect(streamed).toMatchObject({ path: '/pieces', sizeBytes: 5 });
    expect(broken).toMatchObject({ status: 500, error: 'Error' });
    expect(missing).toMatchObject({ status: 404, route: null });
    expect(destination.text).not.toMatch(/secret|hunter2/);
    expect(errors.splice(0)).toHaveLength(1);
  });

  bothWays('samples what went well, and keeps what did not', async ({ app, send, errors }) => {
    const destination = memory();
    const log = accessLog({
      destination,
      sample: 0,
      path: false,
      members: () => ({ app: 'shop' }),
    });
    app()
      .use(log)
      .get('/', () => 'x')
      .get('/broken/:secret', () => {
        throw new Error('x');
      });
    await send('/');
    await send('/broken/s3');
    log.flush();
    errors.length = 0;
    const lines = linesOf(destination);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ route: '/broken/:secret', status: 500, app: 'shop' });
    expect(destination.text).not.toContain('s3');
  });

  it('writes what JSON.stringify would, members of others first and its own as they are', async () => {
    const destination = memory();
    const log = accessLog({
      destination,
      query: ['q'],
      members: () => ({
        a: 'ä"\u2028',
        status: 1,
        requestId: 'x',
        query: 'y',
        error: 'kept',
        z: undefined,
      }),
    });
    const app = new App().use(log).get('/*rest', () => 'x');
    await app.inject('/%22ä"\\?q=%22%0A"');
    log.flush();
    const [line] = linesOf(destination);
    expect(destination.text).toBe(`${JSON.stringify(line)}\n`);
    expect(line).toMatchObject({ a: 'ä"\u2028', status: 200, query: { q: '"\n"' }, error: 'kept' });
    expect(Object.keys(line!)).toEqual(
      'a error time method path route status durationMs sizeBytes remoteAddress query'.split(' '),
    );
  });

  it('tells the time as toISOString does', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const destination = memory();
      const log = accessLog({ destination });
      const app = new App().use(log).get('/', () => 'x');
      const times = [0, 7, 42, 999, 1_000, 1_764_479_999_123, 1_764_480_000_000, 5];
      for (const time of times) {
        vi.setSystemTime(time);
        await app.inject('/');
      }
      log.flush();
      expect(linesOf(destination).map(({ time }) => time)).toEqual(
        times.map((time) => new Date(time).toISOString()),
      );
    } finally {
      vi.useRealTimers();
    }
  });

  it('refuses to log credentials', () => {
    expect(() => accessLog({ headers: ['Cookie'] })).toThrow(/credentials/);
  });

  it('drops lines when its destination does not keep up, and says how many', async () => {
    const destination = memory();
    destination.takes = false;
    const log = accessLog({ destination, maxWaiting: 400 });
    const app = new App().use(log).get('/', () => 'x');
    await app.inject('/');
    log.flush();
    const written = destination.text;
    for (let sent = 0; sent < 10; sent += 1) await app.inject('/');
    expect(destination.text).toBe(written);
    destination.takes = true;
    destination.drain();
    const lines = linesOf(destination);
    const kept = lines.length - 2;
    expect(kept).toBeGreaterThan(0);
    expect(lines.at(-1)!['droppedLines']).toBe(10 - kept);
  });

  it('writes by itself after a while', async () => {
    const destination = memory();
    const app = new App().use(accessLog({ destination, flushMs: 1 })).get('/', () => 'x');
    await app.inject('/');
    await vi.waitFor(() => expect(linesOf(destination)).toHaveLength(1));
  });
});

async function* pieces(): AsyncGenerator<string> {
  yield 'ab';
  yield 'cde';
}
