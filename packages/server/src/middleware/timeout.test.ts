import { describe, expect } from 'vitest';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { stream } from '../reply/reply.ts';
import { timeout } from './timeout.ts';

describe('timeout()', () => {
  bothWays('answers 503 in place of who is late, and aborts what he waits for', async (way) => {
    const aborted: string[] = [];
    way
      .app()
      .use(timeout(10, { retryAfterSeconds: 2 }))
      .get('/late', async (c) => {
        await new Promise((resolve) => c.signal.addEventListener('abort', resolve));
        aborted.push(String(c.signal.reason));
        throw new Error('too late to matter');
      })
      .get('/deaf', () => new Promise(() => undefined))
      .get('/soon', async () => 'soon')
      .get('/now', () => 'now');
    const late = await way.send('/late');
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '2']);
    expect(aborted).toHaveLength(1);
    expect(aborted[0]).toContain('503');
    expect((await way.send('/deaf')).status).toBe(503);
    expect((await way.send('/soon')).text()).toBe('soon');
    expect((await way.send('/now')).text()).toBe('now');
    expect(way.errors.splice(0)).toHaveLength(2);
  });

  bothWays('does not limit an answer that has begun', async (way) => {
    way
      .app()
      .use(timeout(20))
      .get('/', () =>
        stream(
          (async function* () {
            yield 'a';
            await new Promise((resolve) => setTimeout(resolve, 40));
            yield 'b';
          })(),
        ),
      );
    expect((await way.send('/')).text()).toBe('ab');
  });
});
