import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { App } from './app.ts';

describe('a route with schemas', () => {
  const app = new App()
    .post(
      '/orgs/:org/users/:id',
      {
        params: z.object({ org: z.string(), id: z.coerce.number().int() }),
        query: z.object({ dry: z.stringbool().default(false) }),
        headers: z.object({ 'x-trace': z.string().min(3) }),
        body: z.object({ name: z.string(), items: z.array(z.object({ a: z.string() })) }),
      },
      (c) => {
        const next: number = c.params.id + 1;
        return { next, dry: c.query.dry, trace: c.headers['x-trace'], name: c.body.name };
      },
    )
    .get('/search', { query: z.object({ page: z.coerce.number() }) }, (c) => c.query.page * 2);

  it('gives the handler what the schemas made of the input', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/orgs/a/users/41?dry=true',
      headers: { 'X-Trace': 'abc' },
      body: { name: 'Ada', items: [{ a: 'b' }] },
    });
    expect(answer.json()).toEqual({ next: 42, dry: true, trace: 'abc', name: 'Ada' });
    expect((await app.inject('/search?page=21')).json()).toBe(42);
  });

  it('tells everything that failed in one problem document', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/orgs/a/users/x',
      headers: { 'X-Trace': 'a' },
      body: { name: 7, items: [{ a: 1 }] },
    });
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const { errors } = answer.json<{ errors: { in: string; path: string }[] }>();
    expect(errors.map((error) => `${error.in} ${error.path}`)).toEqual([
      'params $.id',
      'headers $["x-trace"]',
      'body $.name',
      'body $.items[0].a',
    ]);
  });

  it('holds bodies to the limit of the route, or of the application', async () => {
    const small = new App({ bodyLimitBytes: 10 })
      .post('/a', async (c) => c.read.text())
      .post('/b', { bodyLimitBytes: 20 }, async (c) => c.read.text())
      .post('/c', { bodyLimitBytes: 20, body: z.string() }, (c) => c.body);
    const send = async (url: string, body: string): Promise<number> => {
      const headers = { 'Content-Type': 'text/plain' };
      return (await small.inject({ method: 'POST', url, body, headers })).status;
    };
    expect(await send('/a', 'x'.repeat(10))).toBe(200);
    expect(await send('/a', 'x'.repeat(11))).toBe(413);
    expect(await send('/b', 'x'.repeat(20))).toBe(200);
    expect(await send('/b', 'x'.repeat(21))).toBe(413);
    expect(await send('/c', 'x'.repeat(20))).toBe(200);
    expect(await send('/c', 'x'.repeat(21))).toBe(413);
  });
});
