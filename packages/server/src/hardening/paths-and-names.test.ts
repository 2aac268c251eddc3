import { describe, expect, it } from 'vitest';
import { get, post, statuses } from '../listen/raw-client.fixture.ts';
import { AppUnderTest } from './app-under-test.fixture.ts';

const server = new AppUnderTest();
const CLOSE = 'Connection: close\r\n';

describe('path traversal', () => {
  it.each([
    '/files/../../etc/hostname',
    '/files/a/../../etc/hostname',
    '/files/%2e%2e/etc/hostname',
    '/files/%2E%2E/etc/hostname',
    '/files/.%2e/etc/hostname',
    '/files/%2e./etc/hostname',
    '/files/..%2fetc/hostname',
    '/files/..%2Fetc/hostname',
    '/files/%2e%2e%2fetc%2fhostname',
    '/files/%2fetc/hostname',
    '/files//etc/hostname',
    '/files/..%5cetc/hostname',
    '/files/..\\etc\\hostname',
    '/files/%5c%5cetc/hostname',
    '/files/%252e%252e%252fetc/hostname',
    '/files/..%252fetc/hostname',
    '/files/%c0%ae%c0%ae/etc/hostname',
    '/files/..%c0%afetc/hostname',
    '/files/%e0%80%ae%e0%80%ae/etc/hostname',
    '/files/%u002e%u002e/etc/hostname',
    '/files/..%00/etc/hostname',
    '/files/a%00.txt',
    '/files/..;/etc/hostname',
    '/files/...//etc/hostname',
    '/files/%ef%bc%8e%ef%bc%8e/etc/hostname',
    '/files/..%e2%88%95etc/hostname',
    '/../files/x',
    '/./files/x',
  ])(
    '%s leads to no other place: the segments that a handler sees are as they were sent',
    async (path) => {
      const given: string[] = [];
      await server.start((app) =>
        app
          .get('/files/*path', (c) => {
            given.push(c.params.path);
            return '';
          })
          .get('/etc/*path', () => 'outside'),
      );
      const text = await server.exchange(get(path, CLOSE));
      expect([200, 400, 404]).toContain(statuses(text)[0]);
      expect(text).not.toContain('outside');
      for (const rest of given) {
        // A slash that was encoded stays encoded, so that nothing splits where the router did not.
        const segments = rest.split('/');
        expect(segments).not.toContain('..');
        expect(segments).not.toContain('.');
        expect(rest.startsWith('/')).toBe(false);
        expect(segments).toHaveLength(path.split('/').length - 2);
      }
    },
  );
});

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

describe('prototype pollution', () => {
  const isClean = (): boolean =>
    Object.keys(Object.prototype).length === 0 &&
    !('polluted' in {}) &&
    Object.prototype.toString.call({}) === '[object Object]';

  it.each(NAMES)('%s in a query is a name like any other', async (name) => {
    await server.start((app) =>
      app.get('/', (c) => ({
        own: Object.entries(c.query),
        missing: (c.query as Record<string, unknown>)['valueOf'] ?? 'nothing',
      })),
    );
    const text = await server.exchange(
      get(`/?${name}=polluted&${name}[polluted]=1&${name}.polluted=2&a=b`, CLOSE),
    );
    expect([200, 400]).toContain(statuses(text)[0]);
    if (statuses(text)[0] === 200) expect(text).toContain('"missing":"nothing"');
    expect(isClean()).toBe(true);
  });

  it.each([
    '{"__proto__":{"polluted":1},"a":1}',
    '{"\\u005f_proto__":{"polluted":1},"a":1}',
    '{"constructor":{"prototype":{"polluted":1}},"a":1}',
    '{"a":{"__proto__":{"polluted":1}}}',
    '[{"__proto__":{"polluted":1}}]',
  ])('JSON pollutes nothing, not even what it is copied into: %s', async (body) => {
    const copies: object[] = [];
    await server.start((app) =>
      app.post('/', async (c) => {
        const value = await c.read.json<object>();
        copies.push(Object.assign({}, value), { ...value });
        return '';
      }),
    );
    const text = await server.exchange(
      post('/', body, `Content-Type: application/json\r\n${CLOSE}`),
    );
    expect([200, 400, 422]).toContain(statuses(text)[0]);
    for (const copy of copies) expect('polluted' in copy).toBe(false);
    expect(isClean()).toBe(true);
  });

  it.each(NAMES)('%s in a form is a name like any other', async (name) => {
    const copies: object[] = [];
    await server.start((app) =>
      app.post('/', async (c) => {
        copies.push(Object.assign({}, await c.read.form()));
        return '';
      }),
    );
    const body = `${name}=polluted&${name}%5Bpolluted%5D=1&${name}.polluted=2&a=b`;
    const type = 'Content-Type: application/x-www-form-urlencoded\r\n';
    const text = await server.exchange(post('/', body, type + CLOSE));
    expect([200, 400, 422]).toContain(statuses(text)[0]);
    expect(copies.some((copy) => 'polluted' in copy)).toBe(false);
    expect(isClean()).toBe(true);
  });

  it.each(NAMES)('%s as a field, a cookie, a parameter is a name like any other', async (name) => {
    await server.start((app) =>
      app.get('/:id', (c) => ({
        field: c.header(name),
        other: c.header('valueOf'),
        cookie: c.sentCookies['valueOf'] ?? 'nothing',
        params: Object.keys(c.params),
      })),
    );
    const fields = `${name}: x\r\nCookie: ${name}=y; a=b\r\n${CLOSE}`;
    const text = await server.exchange(get(`/${name}`, fields));
    expect(JSON.parse(text.split('\r\n\r\n')[1]!)).toEqual({
      field: 'x',
      other: null,
      cookie: 'nothing',
      params: ['id'],
    });
    expect(isClean()).toBe(true);
  });

  it.each(NAMES)('%s as a path finds no route', async (name) => {
    await server.start((app) => app.get('/x', () => 'x'));
    expect(statuses(await server.exchange(get(`/${name}`, CLOSE)))).toEqual([404]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'valueOf', 'get', 'M-SEARCH'])(
    '%s as a method is one that is not allowed',
    async (method) => {
      await server.start((app) => app.get('/x', () => 'x'));
      expect(statuses(await server.exchange(get('/x', CLOSE).replace('GET', method)))).toEqual([
        405,
      ]);
    },
  );
});

describe('patterns that take exponential time', () => {
  it.each(['(a+)+', '(a|a)*', '(a|aa)+', '([a-z]+)*', '.*.*=.*', '(?=a)b', 'a*a*b', '\\1'])(
    'are refused when the route is registered: %s',
    async (constraint) => {
      await server.start(() => {});
      const { App } = await import('../app/app.ts');
      const app = new App().get(`/:name(${constraint})`, () => 'x');
      await expect(app.ready()).rejects.toMatchObject({ name: 'RouteError' });
    },
  );
});
