import type { App } from '../app/app.ts';
import {
  accessLog,
  basicAuth,
  bearerAuth,
  bodyLimit,
  cacheReplies,
  compression,
  cors,
  etag,
  internal,
  metrics,
  proxyHeaders,
  rateLimit,
  requestId,
  securityHeaders,
  timeout,
} from '../middleware.ts';
import { is, type BehaviourCase, type Concern } from './behaviour-case.fixture.ts';

const LONG = 'long '.repeat(1_000);

function addAround(app: App): void {
  const figures = metrics({ process: false });
  let asked = 0;
  app
    .group('/id')
    .use(requestId({ acceptIncoming: true }))
    .get('/', (c) => c.locals.requestId);
  app
    .group('/secure')
    .use(securityHeaders())
    .get('/', () => 'x');
  app
    .group('/cors')
    .use(cors({ origins: ['https://a.example'], credentials: true, maxAgeSeconds: 60 }))
    .get('/', () => 'x');
  app
    .group('/limited')
    .use(rateLimit({ limit: 1, key: () => 'all' }))
    .get('/', () => 'x');
  app
    .group('/hurried')
    .use(timeout(10))
    .get('/', (c) => new Promise((resolve) => c.signal.addEventListener('abort', resolve)));
  app
    .group('/basic')
    .use(basicAuth({ users: { ada: 'secret' } }))
    .get('/', (c) => c.locals.user);
  app
    .group('/bearer')
    .use(bearerAuth({ tokens: ['t1'] }))
    .get('/', () => 'in');
  app
    .group('/short')
    .use(bodyLimit(4))
    .post('/', (c) => c.read.text());
  app
    .group('/coded')
    .use(compression())
    .get('/', () => LONG);
  app
    .group('/tagged')
    .use(etag())
    .get('/', () => LONG);
  app
    .group('/cached')
    .use(cacheReplies({ ttlMs: 60_000, header: true }))
    .get('/', () => `asked ${(asked += 1)}`);
  app
    .group('/behind')
    .use(proxyHeaders({ trust: ['loopback'] }))
    .get('/', (c) => ({
      address: c.remoteAddress,
      url: c.url.href,
    }));
  app
    .group('/counted')
    .use(figures)
    .get('/:id', (c) => c.params.id);
  app.get('/figures', () => figures.reply());
  addLog(app);
  app.register(internal({ checks: { here: () => true } }));
}

function addLog(app: App): void {
  let log = '';
  const destination = {
    write: (line: string): boolean => {
      log += line;
      return true;
    },
    once: () => undefined,
  };
  const logging = accessLog({ destination, query: ['a'] });
  app
    .group('/logged')
    .use(logging)
    .get('/:id', () => 'x');
  app.get('/log', () => {
    logging.flush();
    return log;
  });
}

const PREFLIGHT = {
  origin: 'https://a.example',
  'access-control-request-method': 'PUT',
  'access-control-request-headers': 'x-one',
};

const AROUND: readonly BehaviourCase[] = [
  {
    name: 'a request is given a name',
    path: '/id',
    answer: is(200, /^[\da-f-]{36}$/, { 'x-request-id': /^[\da-f-]{36}$/ }),
  },
  {
    name: 'a request brings its name',
    path: '/id',
    headers: { 'x-request-id': 'abc' },
    answer: is(200, 'abc', { 'x-request-id': 'abc' }),
  },
  {
    name: 'security headers',
    path: '/secure',
    answer: is(200, 'x', {
      'x-content-type-options': 'nosniff',
      'content-security-policy': /self/,
    }),
  },
  {
    name: 'a preflight',
    method: 'OPTIONS',
    path: '/cors',
    headers: PREFLIGHT,
    answer: is(204, '', {
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-methods': /PUT/,
      'access-control-allow-headers': 'x-one',
      'access-control-max-age': '60',
      vary: /Origin/,
    }),
  },
  {
    name: 'a page of another origin',
    path: '/cors',
    headers: { origin: 'https://b.example' },
    answer: is(200, 'x', { 'access-control-allow-origin': null, vary: 'Origin' }),
  },
  {
    name: 'the one request there may be',
    path: '/limited',
    answer: is(200, 'x', { 'ratelimit-limit': '1', 'ratelimit-remaining': '0' }),
  },
  {
    name: 'one too many',
    path: '/limited',
    answer: is(429, undefined, { 'retry-after': /^\d+$/ }),
  },
  { name: 'what takes too long', path: '/hurried', answer: is(503), reports: 1 },
  {
    name: 'nobody',
    path: '/basic',
    answer: is(401, undefined, { 'www-authenticate': /^Basic realm="Restricted"/ }),
  },
  {
    name: 'somebody with a password',
    path: '/basic',
    headers: { authorization: `Basic ${Buffer.from('ada:secret').toString('base64')}` },
    answer: is(200, 'ada'),
  },
  {
    name: 'a wrong token',
    path: '/bearer',
    headers: { authorization: 'Bearer t2' },
    answer: is(401, undefined, { 'www-authenticate': /^Bearer .*invalid_token/ }),
  },
  {
    name: 'a right token',
    path: '/bearer',
    headers: { authorization: 'Bearer t1' },
    answer: is(200, 'in'),
  },
  {
    name: 'a body that is too long',
    method: 'POST',
    path: '/short',
    body: '12345',
    answer: is(413),
  },
  {
    name: 'a body that is short',
    method: 'POST',
    path: '/short',
    body: '1234',
    answer: is(200, '1234'),
  },
  {
    name: 'a compressed text',
    path: '/coded',
    headers: { 'accept-encoding': 'gzip' },
    answer: is(200, /^.\x8b/, {
      'content-encoding': 'gzip',
      vary: 'Accept-Encoding',
      'content-type': 'text/plain; charset=utf-8',
    }),
  },
  {
    name: 'HEAD of a compressed text',
    method: 'HEAD',
    path: '/coded',
    headers: { 'accept-encoding': 'gzip' },
    answer: is(200, '', { 'content-encoding': 'gzip' }),
  },
  {
    name: 'a text that is not',
    path: '/coded',
    answer: is(200, LONG, { 'content-encoding': null }),
  },
  { name: 'an entity tag', path: '/tagged', answer: is(200, LONG, { etag: /^W\/"/ }) },
  {
    name: 'what the client has',
    path: '/tagged',
    headers: { 'if-none-match': '*' },
    answer: is(304, '', { etag: /^W\/"/ }),
  },
  { name: 'what is kept', path: '/cached', answer: is(200, 'asked 1', { 'x-cache': 'miss' }) },
  { name: 'what was kept', path: '/cached', answer: is(200, 'asked 1', { 'x-cache': 'hit' }) },
  {
    name: 'a client behind a proxy',
    needs: 'address',
    path: '/behind?a=1',
    headers: {
      host: 'inner',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
    },
    answer: is(200, '{"address":"203.0.113.7","url":"https://shop.example/behind?a=1"}'),
  },
  { name: 'what is counted', path: '/counted/7', answer: is(200, '7') },
  {
    name: 'the figures',
    path: '/figures',
    answer: is(200, /http_requests_total\{method="GET",route="\/counted\/:id",status="200"\} 1/, {
      'content-type': /^text\/plain/,
    }),
  },
  { name: 'what is logged', path: '/logged/7?a=1&b=2', answer: is(200, 'x') },
  {
    name: 'the log',
    path: '/log',
    answer: is(
      200,
      /"method":"GET","path":"\/logged\/7"[^\n]*"route":"\/logged\/:id","status":200/,
    ),
  },
  { name: 'health', path: '/_internal/health', answer: is(200, '{"status":"ok"}') },
  {
    name: 'readiness',
    path: '/_internal/ready',
    answer: is(200, '{"status":"ready","checks":{"here":"ok"}}', { 'cache-control': 'no-store' }),
  },
];

export const around: Concern = { add: addAround, cases: AROUND };
