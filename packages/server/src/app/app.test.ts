import { describe, expect, it } from 'vitest';
import { App } from './app.ts';
import { HttpError } from './http-error.ts';
import { middleware, type MiddlewareInput } from './middleware.ts';
import { html, json, redirect, stream } from '../reply/reply.ts';

describe('app.inject()', () => {
  it('answers objects as JSON, strings as text, bytes as they are, nothing with 204', async () => {
    const app = new App()
      .get('/object', () => ({ a: 1 }))
      .get('/string', () => 'ü')
      .get('/bytes', () => Buffer.from([1, 2]))
      .get('/nothing', () => undefined)
      .get('/null', () => null)
      .get('/later', async () => ({ b: 2 }));
    const object = await app.inject('/object');
    expect([object.status, object.headers.get('content-type'), object.json()]).toEqual([
      200,
      'application/json',
      { a: 1 },
    ]);
    expect((await app.inject('/string')).text()).toBe('ü');
    expect((await app.inject('/bytes')).bytes).toEqual(Buffer.from([1, 2]));
    expect((await app.inject('/nothing')).status).toBe(204);
    expect((await app.inject('/null')).json()).toBeNull();
    expect((await app.inject('/later')).json()).toEqual({ b: 2 });
  });

  it('answers replies with their status, fields and type', async () => {
    const app = new App()
      .post('/made', () => json({ id: 7 }, { status: 201, headers: { 'X-One': '1' } }))
      .get('/page', () => html('<p>'))
      .get('/moved', () => redirect('/ü\r\nX: y', { status: 301 }))
      .get('/pieces', () => stream(pieces('a', 'b'), { type: 'text/plain' }));
    const made = await app.inject({ method: 'POST', url: '/made' });
    expect([made.status, made.headers.get('x-one'), made.json()]).toEqual([201, '1', { id: 7 }]);
    expect((await app.inject('/page')).headers.get('content-type')).toBe(
      'text/html; charset=utf-8',
    );
    const moved = await app.inject('/moved');
    expect([moved.status, moved.headers.get('location')]).toEqual([301, '/%C3%BC%0D%0AX:%20y']);
    expect((await app.inject('/pieces')).text()).toBe('ab');
  });

  it('says 404, 405, OPTIONS and HEAD as the router finds them', async () => {
    const app = new App().get('/here', () => 'x').post('/here', () => 'y');
    expect((await app.inject('/there')).json()).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
    });
    const wrong = await app.inject({ method: 'PUT', url: '/here' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST, OPTIONS']);
    expect((await app.inject({ method: 'OPTIONS', url: '/here' })).status).toBe(204);
    const head = await app.inject({ method: 'HEAD', url: '/here' });
    expect([head.status, head.text()]).toEqual([200, '']);
  });

  it('answers what handlers throw: an HttpError as a problem, the rest with 500, reported', async () => {
    const errors: unknown[] = [];
    const app = new App({ onError: (error) => errors.push(error) })
      .get('/gone', () => {
        throw new HttpError(410, 'It was here once.');
      })
      .get('/broken', async () => {
        throw new Error('secret');
      })
      .get('/circle', () => {
        const circle: Record<string, unknown> = {};
        circle['self'] = circle;
        return circle;
      });
    expect((await app.inject('/gone')).json()).toMatchObject({ detail: 'It was here once.' });
    const broken = await app.inject('/broken');
    expect(broken.status).toBe(500);
    expect(broken.text()).not.toContain('secret');
    expect((await app.inject('/circle')).status).toBe(500);
    expect(errors).toHaveLength(2);
  });

  it('runs middleware from the outside in, and gives its locals their types', async () => {
    const seen: string[] = [];
    const note =
      (name: string): MiddlewareInput =>
      async (_, next) => {
        seen.push(`${name} in`);
        const value = await next();
        seen.push(`${name} out`);
        return value;
      };
    const user = middleware<{ user: { name: string } }>((c, next) => {
      c.locals.user = { name: 'ada' };
      return next();
    });
    const app = new App().use(note('a')).use(user);
    const group = app.group('/v1').use(note('b'));
    app.get('/me', (c) => c.locals.user.name);
    group.get('/x', { use: [note('c')] }, () => 'x');
    expect((await app.inject('/me')).text()).toBe('ada');
    seen.length = 0;
    expect((await app.inject('/v1/x')).text()).toBe('x');
    expect(seen).toEqual(['a in', 'b in', 'c in', 'c out', 'b out', 'a out']);
  });
});

describe('app.group()', () => {
  it('has its prefix, and the parameters of it', async () => {
    const app = new App();
    const org = app.group('/orgs/:org', { tags: ['orgs'] });
    org.get('/users/:id', (c) => `${c.params.org} ${c.params.id}`).get('/', (c) => c.params.org);
    expect((await app.inject('/orgs/a/users/7')).text()).toBe('a 7');
    expect((await app.inject('/orgs/a')).text()).toBe('a');
    expect(app.routes().map(({ pattern, tags }) => [pattern, tags])).toEqual([
      ['/orgs/:org/users/:id', ['orgs']],
      ['/orgs/:org', ['orgs']],
    ]);
  });
});

describe('app.listen()', () => {
  it('answers over a socket what it answers without', async () => {
    const app = new App().get('/users/:id', (c) => ({ id: c.params.id, q: c.query }));
    const { port } = await app.listen();
    const response = await fetch(`http://127.0.0.1:${port}/users/a%20b?x=1&x=2`);
    expect(await response.json()).toEqual({ id: 'a b', q: { x: ['1', '2'] } });
    await app.close();
  });
});

describe('app.fetch()', () => {
  it('is a web-standard handler', async () => {
    const app = new App().post('/echo', async (c) => c.read.json());
    const response = await app.fetch(
      new Request('http://x/echo', { method: 'POST', body: '{"a":[1]}' }),
    );
    expect(await response.json()).toEqual({ a: [1] });
  });
});

async function* pieces(...all: string[]): AsyncGenerator<string> {
  yield* all;
}
