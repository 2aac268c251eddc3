import { describe, expect } from 'vitest';
import * as z from 'zod';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { bodyLimit } from './body-limit.ts';

describe('bodyLimit()', () => {
  bothWays('refuses what is announced, and what turns out, to be too long', async (way) => {
    let calls = 0;
    way
      .app()
      .use(bodyLimit(10))
      .post('/ignores', () => {
        calls += 1;
        return 'x';
      })
      .post('/text', async (c) => c.read.text())
      .post('/pieces', async (c) => {
        let sizeBytes = 0;
        for await (const piece of c.read.pieces()) sizeBytes += piece.length;
        return { sizeBytes };
      });
    const post = (url: string, body: string, headers = {}): ReturnType<typeof way.send> =>
      way.send({ method: 'POST', url, body, headers });
    expect((await post('/ignores', 'x'.repeat(11))).status).toBe(413);
    expect(calls).toBe(0);
    expect((await post('/text', 'x'.repeat(10))).text()).toBe('x'.repeat(10));
    expect((await post('/pieces', 'x'.repeat(10))).json()).toEqual({ sizeBytes: 10 });
  });

  bothWays('counts bodies that do not say how long they are', async (way) => {
    way
      .app()
      .use(bodyLimit(10))
      .post('/text', async (c) => c.read.text())
      .post('/schema', { body: z.string() }, (c) => c.body)
      .post('/pieces', async (c) => {
        for await (const piece of c.read.pieces()) void piece;
        return 'all';
      });
    for (const url of ['/text', '/schema', '/pieces']) {
      const body = way.isSocket ? 'x'.repeat(11) : pieces('x'.repeat(6), 'x'.repeat(5));
      const headers = { 'Transfer-Encoding': 'chunked', 'Content-Type': 'text/plain' };
      const got = await way.send({ method: 'POST', url, body: body as string, headers });
      expect(got.status).toBe(413);
    }
  });
});

async function* pieces(...all: string[]): AsyncGenerator<Buffer> {
  for (const each of all) yield Buffer.from(each);
}
