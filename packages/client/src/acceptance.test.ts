import { afterEach, describe, expect, it } from 'vitest';
import { digest } from './auth/digest.ts';
import { oauth2 } from './auth/oauth2.ts';
import { Client } from './client.ts';
import { ClosedError } from './errors.ts';
import type { ClientOptions } from './model/client-options.ts';
import { appTransport } from './transport/app-transport.ts';
import { mock } from './transport/mock-transport.ts';

// What a user of other clients expects of several parts together; each part alone is tested beside its source.

const clients: Client[] = [];

function open(handler: (request: Request) => Response, options: ClientOptions = {}): Client {
  const transport = appTransport(handler);
  const client = new Client({ baseUrl: 'http://app.test', transport, ...options });
  clients.push(client);
  return client;
}

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function paramOf(request: Request, name: string): string | undefined {
  return new RegExp(` ${name}="?([^",]+)`).exec(request.headers.get('authorization') ?? '')?.[1];
}

describe('digest authentication through a client', () => {
  const CHALLENGE = 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256';

  it('answers with the cookies that came with the challenge', async () => {
    const cookies: (string | null)[] = [];
    const client = open(
      (request) => {
        cookies.push(request.headers.get('cookie'));
        if (request.headers.has('authorization')) return new Response('in');
        const headers = { 'WWW-Authenticate': CHALLENGE, 'Set-Cookie': 'session=1; Path=/' };
        return new Response('', { status: 401, headers });
      },
      { auth: digest('ada', 'secret') },
    );
    const response = await client.get('/');
    expect([response.status, response.history.map(({ status }) => status)]).toEqual([200, [401]]);
    expect(cookies).toEqual([null, 'session=1']);
  });

  it('counts its requests in eight hexadecimal digits, past the ninth too', async () => {
    const counts: (string | undefined)[] = [];
    const client = open(
      (request) => {
        counts.push(paramOf(request, 'nc'));
        if (counts.at(-1) !== undefined) return new Response('in');
        return new Response('', { status: 401, headers: { 'WWW-Authenticate': CHALLENGE } });
      },
      { auth: digest('ada', 'secret') },
    );
    for (let at = 0; at < 17; at += 1) expect((await client.get('/')).status).toBe(200);
    expect(counts.slice(1, 3)).toEqual(['00000001', '00000002']);
    expect(counts.slice(-8)).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f', '10', '11'].map((digits) => digits.padStart(8, '0')),
    );
  });
});

describe('a session over redirects', () => {
  function site(request: Request): Response {
    const { pathname } = new URL(request.url);
    const isIn = (request.headers.get('cookie') ?? '').includes('session=ada');
    const moved = (cookie: string): Response =>
      new Response('', { status: 303, headers: { Location: '/', 'Set-Cookie': cookie } });
    if (pathname === '/login') return moved('session=ada; Path=/; HttpOnly');
    if (pathname === '/logout') return moved('session=; Path=/; Max-Age=0');
    return new Response(isIn ? 'logged in' : 'logged out');
  }

  it('begins with the cookie of a redirect, lasts, and ends', async () => {
    const client = open(site);
    expect((await client.get('/')).text()).toBe('logged out');
    const login = await client.post('/login', { form: { name: 'ada' } });
    expect([login.text(), login.request.method]).toEqual(['logged in', 'GET']);
    expect((await client.get('/')).text()).toBe('logged in');
    expect((await client.post('/logout')).text()).toBe('logged out');
    expect((await client.get('/')).text()).toBe('logged out');
  });
});

describe('hooks over redirects and retries', () => {
  it('see every exchange, and a response hook may refuse one', async () => {
    const server = mock({
      'GET /from': { status: 302, headers: { Location: '/flaky' } },
      'GET /flaky': [{ status: 503 }, { status: 200 }],
      'GET /refused': { status: 418 },
    });
    const seen: string[] = [];
    const client = new Client({
      baseUrl: 'http://app.test',
      transport: server,
      retry: { attempts: 1, backoffMs: 1 },
      hooks: {
        request: ({ url }) => void seen.push(url.target),
        response({ status }) {
          seen.push(`${status}`);
          if (status === 418) throw new RangeError('no tea');
        },
      },
    });
    clients.push(client);
    await client.get('/from');
    expect(seen).toEqual(['/from', '302', '/flaky', '503', '/flaky', '200']);
    await expect(client.get('/refused')).rejects.toThrow('no tea');
  });
});

describe('a rate limit', () => {
  it('holds back redirects and retries as it does calls', async () => {
    const server = mock({
      'GET /from': { status: 302, headers: { Location: '/flaky' } },
      'GET /flaky': [{ status: 503 }, { status: 200 }],
    });
    const client = new Client({
      baseUrl: 'http://app.test',
      transport: server,
      retry: { attempts: 1, backoffMs: 1, jitter: false },
      rateLimit: { requestsPerSecond: 0.001, burst: 2 },
    });
    clients.push(client);
    // The third exchange, the retry, finds no token before the time of the whole call is over.
    const answer = client.get('/from', { timeout: { total: 60 } });
    await expect(answer).rejects.toMatchObject({ code: 'TOTAL_TIMEOUT' });
    expect(server.calls).toHaveLength(2);
  });
});

describe('batches', () => {
  it('authenticate, follow redirects, keep cookies and call hooks as single requests do', async () => {
    const paths: string[] = [];
    const client = open(
      (request) => {
        const { pathname, searchParams } = new URL(request.url);
        if (pathname === '/token') {
          return Response.json({ access_token: 't', token_type: 'bearer', expires_in: 60 });
        }
        if (request.headers.get('authorization') !== 'Bearer t')
          return new Response('', { status: 401 });
        if (pathname === '/old') {
          const headers = { Location: `/new?id=${searchParams.get('id')}` };
          return new Response('', { status: 307, headers });
        }
        return new Response(searchParams.get('id'));
      },
      {
        auth: oauth2({ tokenUrl: 'http://app.test/token', clientId: 'a', clientSecret: 'b' }),
        hooks: { request: ({ url }) => void paths.push(url.target) },
      },
    );
    const answers = await client.gather(['/old?id=1', '/old?id=2', '/old?id=3']);
    expect(answers.map((answer) => answer.text())).toEqual(['1', '2', '3']);
    expect(paths.filter((path) => path === '/token')).toHaveLength(1);
    expect(paths.filter((path) => path.startsWith('/new'))).toHaveLength(3);
  });

  it.each<[string, (client: Client) => Promise<unknown>]>([
    ['gather', (client) => client.gather(['/'])],
    ['collect', async (client) => (await client.collect(['/']).next()).value?.error],
    [
      'paginate',
      (client) => client.paginate('GET', '/', { next: 'link' })[Symbol.asyncIterator]().next(),
    ],
    ['gatherPages', (client) => client.gatherPages('/', { totalPages: 1 })],
    ['download', (client) => client.download('/', '/nonexistent/file')],
    ['events', (client) => client.events('/')[Symbol.asyncIterator]().next()],
    ['stream', (client) => client.stream('GET', '/')],
    ['raw.get', (client) => client.raw.get('http://app.test/')],
  ])('%s says so when the client has been closed', async (_, call) => {
    const client = new Client({ baseUrl: 'http://app.test' });
    await client.close();
    const outcome = await call(client).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(ClosedError);
  });
});
