import { App } from './app.ts';
import { HttpError } from './http-error.ts';
import { middleware } from './middleware.ts';
import { empty, html, json, redirect, stream, text } from '../reply/reply.ts';

/** One request and the answer it has, in whatever way it reaches the application. */
export interface BehaviourCase {
  readonly name: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly answer: {
    readonly status: number;
    /** Those that matter; null for one that must not be there. Names in lower case. */
    readonly headers?: Readonly<Record<string, string | null>>;
    readonly cookies?: readonly string[];
    /** As latin1; what is not given may be anything. */
    readonly body?: string;
  };
  /** Errors of the program that are reported. */
  readonly reports?: number;
}

/** What a way gives back: fields by lower-case name, Set-Cookie apart, the body as latin1. */
export interface BehaviourAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly cookies: readonly string[];
  readonly body: string;
}

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, code) => code));
const LARGE = 'ü'.repeat(150_000);
const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';

const latin1 = (value: string): string => Buffer.from(value).toString('latin1');

/** Routes of every kind; `report` is told what went wrong in them. */
export function behaviourApp(report: (error: unknown) => void): App {
  const app = new App({ onError: report, bodyLimitBytes: 1_000_000 });
  app.use(
    middleware<{ asked: string }>((c, next) => {
      c.locals.asked = c.path;
      return next();
    }),
  );
  addValues(app);
  addReplies(app);
  addBodies(app);
  addFailures(app);
  addScopes(app);
  return app;
}

function addValues(app: App): void {
  app
    .get('/object', () => ({ a: 1, b: [true, null, 'ü'] }))
    .get('/array', () => [1, 2])
    .get('/string', () => 'grüß dich')
    .get('/number', () => 42)
    .get('/null', () => null)
    .get('/nothing', () => undefined)
    .get('/bytes', () => ALL_BYTES)
    .get('/later', async () => ({ later: true }))
    .get('/status', (c) => {
      c.status = 202;
      return { accepted: true };
    })
    .get('/users/:id', (c) => ({ id: c.params.id }))
    .get('/users/:id/posts/:post(\\d+)', (c) => c.params)
    .get('/files/*path', (c) => c.params.path)
    .get('/query', (c) => c.query)
    .get('/seen', (c) => ({
      method: c.method,
      path: c.path,
      search: c.search,
      host: c.host,
      one: c.header('X-ONE'),
      cookies: c.sentCookies,
    }));
}

function addReplies(app: App): void {
  app
    .get('/reply', () => json({ made: 1 }, { status: 201, headers: { 'X-One': '1' } }))
    .get('/page', () => html('<p>ü'))
    .get('/typed', () => text('a,b', { type: 'text/csv' }))
    .get('/empty', () => empty())
    .get('/moved', () => redirect('/object'))
    .get('/cookies', (c) => {
      c.fields.append('Set-Cookie', 'a=1; Path=/');
      c.fields.append('Set-Cookie', 'b=2; HttpOnly');
      return 'set';
    })
    .get('/unchanged', () => empty({ status: 304, headers: { ETag: '"x"' } }))
    .get('/pieces', () => stream(pieces('é', 'b', ''), { type: 'text/plain' }))
    .get('/sized', () => stream(pieces('ab', 'cd'), { length: 4 }))
    .get('/generator', () => pieces('x', 'y'))
    .get('/blob', () => new Blob(['blob'], { type: 'text/x-blob' }))
    .get('/response', () => new Response('web', { status: 203, headers: { 'X-Web': 'yes' } }));
}

function addBodies(app: App): void {
  app
    .post('/json', async (c) => ({ got: await c.read.json() }))
    .post('/text', (c) => c.read.text())
    .put('/bytes', (c) => c.read.bytes())
    .post('/echo', (c) => stream(c.read.stream()))
    .post('/unread', () => 'did not read it')
    .post('/small', { bodyLimitBytes: 4 }, (c) => c.read.text())
    .delete('/thing', () => empty())
    .patch('/thing', (c) => c.method);
}

function addFailures(app: App): void {
  app
    .get('/thrown', () => {
      throw new Error('secret');
    })
    .get('/rejected', () => Promise.reject(new Error('secret')))
    .get('/circle', () => {
      const circle: Record<string, unknown> = {};
      circle['self'] = circle;
      return circle;
    })
    .get('/teapot', () => {
      throw new HttpError(418, 'Short and stout.', {
        headers: { 'X-Spout': 'left' },
        members: { handle: 'right' },
      });
    })
    .get('/bad-field', (c) => {
      c.set('X-Evil', 'a\r\nX-Split: 1');
      return 'x';
    });
}

function addScopes(app: App): void {
  const group = app.group('/v1').use(async (c, next) => {
    const value = await next();
    c.set('X-Asked', String((c.locals as { asked?: string }).asked));
    return value;
  });
  group.on('before', (c) => (c.header('x-stop') === null ? undefined : 'stopped'));
  group.on('after', (_, value) => (value === 'plain' ? 'plainer' : undefined));
  group.on('error', (error) => (error instanceof RangeError ? text('mended') : undefined));
  group.get('/plain', () => 'plain');
  group.get('/range', () => {
    throw new RangeError('out of it');
  });
}

async function* pieces(...all: string[]): AsyncGenerator<string> {
  for (const piece of all) {
    await new Promise((resolve) => setImmediate(resolve));
    yield piece;
  }
}

const is = (
  status: number,
  body?: string,
  headers?: Readonly<Record<string, string | null>>,
): BehaviourCase['answer'] => ({
  status,
  ...(body === undefined ? {} : { body }),
  ...(headers === undefined ? {} : { headers }),
});

const problemText = (title: string, status: number, more: object = {}): string =>
  JSON.stringify({ type: 'about:blank', title, status, ...more });

const VALUES: readonly BehaviourCase[] = [
  {
    name: 'an object is JSON',
    path: '/object',
    answer: is(200, latin1('{"a":1,"b":[true,null,"ü"]}'), { 'content-type': JSON_TYPE }),
  },
  {
    name: 'an array is JSON',
    path: '/array',
    answer: is(200, '[1,2]', { 'content-type': JSON_TYPE }),
  },
  {
    name: 'a string is text',
    path: '/string',
    answer: is(200, latin1('grüß dich'), { 'content-type': 'text/plain; charset=utf-8' }),
  },
  {
    name: 'a number is JSON',
    path: '/number',
    answer: is(200, '42', { 'content-type': JSON_TYPE }),
  },
  { name: 'null is JSON', path: '/null', answer: is(200, 'null', { 'content-type': JSON_TYPE }) },
  { name: 'nothing is 204', path: '/nothing', answer: is(204, '', { 'content-type': null }) },
  {
    name: 'bytes are bytes',
    path: '/bytes',
    answer: is(200, ALL_BYTES.toString('latin1'), { 'content-type': 'application/octet-stream' }),
  },
  { name: 'a promise is waited for', path: '/later', answer: is(200, '{"later":true}') },
  { name: 'a status of the context', path: '/status', answer: is(202, '{"accepted":true}') },
  {
    name: 'a parameter, decoded',
    path: '/users/a%20%C3%BC',
    answer: is(200, latin1('{"id":"a ü"}')),
  },
  {
    name: 'a parameter that does not meet its pattern',
    path: '/users/1/posts/x',
    answer: is(404, problemText('Not Found', 404), { 'content-type': PROBLEM_TYPE }),
  },
  { name: 'parameters', path: '/users/1/posts/22', answer: is(200, '{"id":"1","post":"22"}') },
  { name: 'a rest', path: '/files/a/b.txt', answer: is(200, 'a/b.txt') },
  {
    name: 'a query with names that repeat and have no value',
    path: '/query?a=1&a=2&b=%20+&c',
    answer: is(200, '{"a":["1","2"],"b":"  ","c":""}'),
  },
  {
    name: 'what was sent',
    path: '/seen?x=1',
    headers: { 'x-one': 'caf', host: 'example.org:81', cookie: 'a=1; b=2' },
    answer: is(
      200,
      '{"method":"GET","path":"/seen","search":"x=1","host":"example.org:81","one":"caf","cookies":{"a":"1","b":"2"}}',
    ),
  },
];

const ROUTING: readonly BehaviourCase[] = [
  { name: 'no route', path: '/nowhere', answer: is(404, problemText('Not Found', 404)) },
  {
    name: 'another method',
    method: 'PUT',
    path: '/object',
    answer: is(405, undefined, { allow: 'GET, HEAD, OPTIONS' }),
  },
  {
    name: 'OPTIONS',
    method: 'OPTIONS',
    path: '/thing',
    answer: is(204, '', { allow: 'DELETE, PATCH, OPTIONS' }),
  },
  {
    name: 'HEAD',
    method: 'HEAD',
    path: '/object',
    answer: is(200, '', { 'content-type': JSON_TYPE }),
  },
  { name: 'HEAD of a stream', method: 'HEAD', path: '/pieces', answer: is(200, '') },
  { name: 'an escape that is malformed', path: '/users/%zz', answer: is(400) },
  { name: 'DELETE', method: 'DELETE', path: '/thing', answer: is(204, '') },
  { name: 'PATCH', method: 'PATCH', path: '/thing', answer: is(200, 'PATCH') },
];

const REPLIES: readonly BehaviourCase[] = [
  { name: 'a reply', path: '/reply', answer: is(201, '{"made":1}', { 'x-one': '1' }) },
  {
    name: 'a page',
    path: '/page',
    answer: is(200, latin1('<p>ü'), { 'content-type': 'text/html; charset=utf-8' }),
  },
  { name: 'a type', path: '/typed', answer: is(200, 'a,b', { 'content-type': 'text/csv' }) },
  { name: 'an empty reply', path: '/empty', answer: is(204, '') },
  { name: 'a redirect', path: '/moved', answer: is(302, '', { location: '/object' }) },
  {
    name: 'two cookies',
    path: '/cookies',
    answer: { status: 200, body: 'set', cookies: ['a=1; Path=/', 'b=2; HttpOnly'] },
  },
  { name: 'not modified', path: '/unchanged', answer: is(304, '', { etag: '"x"' }) },
  {
    name: 'pieces',
    path: '/pieces',
    answer: is(200, latin1('éb'), { 'content-type': 'text/plain' }),
  },
  { name: 'pieces of known length', path: '/sized', answer: is(200, 'abcd') },
  {
    name: 'a generator',
    path: '/generator',
    answer: is(200, 'xy', { 'content-type': 'application/octet-stream' }),
  },
  { name: 'a blob', path: '/blob', answer: is(200, 'blob', { 'content-type': 'text/x-blob' }) },
  { name: 'a web response', path: '/response', answer: is(203, 'web', { 'x-web': 'yes' }) },
];

const AS_JSON = { 'content-type': JSON_TYPE };

const BODIES: readonly BehaviourCase[] = [
  {
    name: 'JSON',
    method: 'POST',
    path: '/json',
    headers: AS_JSON,
    body: '{"a":["ü",1e3]}',
    answer: is(200, latin1('{"got":{"a":["ü",1000]}}')),
  },
  {
    name: 'no JSON',
    method: 'POST',
    path: '/json',
    headers: AS_JSON,
    body: '{"a":',
    answer: is(400),
  },
  {
    name: 'no body where JSON was due',
    method: 'POST',
    path: '/json',
    headers: AS_JSON,
    answer: is(400),
  },
  { name: 'text', method: 'POST', path: '/text', body: 'grüß', answer: is(200, latin1('grüß')) },
  { name: 'an empty text', method: 'POST', path: '/text', body: '', answer: is(200, '') },
  {
    name: 'bytes',
    method: 'PUT',
    path: '/bytes',
    body: ALL_BYTES,
    answer: is(200, ALL_BYTES.toString('latin1')),
  },
  {
    name: 'a large text',
    method: 'POST',
    path: '/text',
    body: LARGE,
    answer: is(200, latin1(LARGE)),
  },
  {
    name: 'a stream, echoed',
    method: 'POST',
    path: '/echo',
    body: LARGE,
    answer: is(200, latin1(LARGE)),
  },
  {
    name: 'a body that nobody reads',
    method: 'POST',
    path: '/unread',
    body: 'x'.repeat(1_000),
    answer: is(200, 'did not read it'),
  },
  {
    name: 'more than the route takes',
    method: 'POST',
    path: '/small',
    body: '12345',
    answer: is(413, undefined, { 'content-type': PROBLEM_TYPE }),
  },
  {
    name: 'as much as the route takes',
    method: 'POST',
    path: '/small',
    body: '1234',
    answer: is(200, '1234'),
  },
];

const FAILURES: readonly BehaviourCase[] = [
  {
    name: 'an error',
    path: '/thrown',
    answer: is(500, problemText('Internal Server Error', 500), { 'content-type': PROBLEM_TYPE }),
    reports: 1,
  },
  {
    name: 'a rejection',
    path: '/rejected',
    answer: is(500, problemText('Internal Server Error', 500)),
    reports: 1,
  },
  { name: 'what cannot be JSON', path: '/circle', answer: is(500), reports: 1 },
  {
    name: 'a field that cannot be sent',
    path: '/bad-field',
    answer: is(500, undefined, { 'x-split': null, 'x-evil': null }),
    reports: 1,
  },
  {
    name: 'an error with a status',
    path: '/teapot',
    answer: is(418, undefined, { 'content-type': PROBLEM_TYPE, 'x-spout': 'left' }),
  },
];

const SCOPES: readonly BehaviourCase[] = [
  {
    name: 'middleware and hooks',
    path: '/v1/plain',
    answer: is(200, 'plainer', { 'x-asked': '/v1/plain' }),
  },
  {
    name: 'a hook that answers',
    path: '/v1/plain',
    headers: { 'x-stop': '1' },
    answer: is(200, 'stopped'),
  },
  { name: 'a hook that mends an error', path: '/v1/range', answer: is(200, 'mended') },
];

export const BEHAVIOUR: readonly BehaviourCase[] = [
  ...VALUES,
  ...ROUTING,
  ...REPLIES,
  ...BODIES,
  ...FAILURES,
  ...SCOPES,
];
