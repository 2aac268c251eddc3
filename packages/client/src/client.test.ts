import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from './client.ts';
import { startServer, type Reached, type TestServer } from './client-server.fixture.ts';
import { ClosedError, InvalidRequestError, InvalidUrlError, StatusError } from './errors.ts';
import type { ClientOptions, RequestOptions } from './model/client-options.ts';
import type { ClientResponse } from './model/client-response.ts';
import { mock } from './transport/mock-transport.ts';

let server: TestServer;
let client: Client;
const clients: Client[] = [];

function open(options: ClientOptions = {}): Client {
  const made = new Client({ baseUrl: server.origin, trustEnv: false, ...options });
  clients.push(made);
  return made;
}

beforeEach(async () => {
  server = await startServer(({ target }, response) => {
    if (target === '/cookie') response.setHeader('set-cookie', 'tasted=yes; Path=/');
    if (target.startsWith('/status/')) response.statusCode = Number(target.slice(8));
    if (target === '/moved') response.writeHead(307, { location: '/here' });
    if (!response.headersSent) response.write(`${target}\n`);
    response.end();
  });
  client = open();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((made) => made.close()));
  await server.close();
});

type Call = (
  client: Client,
  method: string,
  url: string,
  options: RequestOptions,
) => Promise<unknown>;

/** Every way to make a call: they must not differ in what they honour. */
const CALLS: Readonly<Record<string, Call>> = {
  verb: (made, method, url, options) => {
    const name = method.toLowerCase() as
      | 'get'
      | 'head'
      | 'options'
      | 'delete'
      | 'post'
      | 'put'
      | 'patch';
    return made[name](url, options);
  },
  request: (made, method, url, options) => made.request(method, url, options),
  'build and send': (made, method, url, options) => made.send(made.build(method, url, options)),
  stream: async (made, method, url, options) => (await made.stream(method, url, options)).read(),
  'build and sendStreaming': async (made, method, url, options) =>
    (await made.sendStreaming(made.build(method, url, options))).read(),
  gather: (made, method, url, options) => made.gather([{ ...options, method, url }]),
};
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'POST', 'PUT', 'PATCH'];

describe.each(Object.entries(CALLS))('a call by %s', (_, call) => {
  it.each(METHODS)('honours every option of one request with %s', async (method) => {
    const parent = open({
      headers: { 'x-client': 'c', 'x-both': 'c' },
      params: { p: 1 },
      cookies: { a: 'c' },
    });
    const hasBody = !['GET', 'HEAD', 'OPTIONS'].includes(method);
    await call(parent, method, '/x?u=1', {
      headers: { 'x-request': 'r', 'X-Both': 'r' },
      params: { q: 2 },
      cookies: { b: 'r' },
      auth: { username: 'u', password: 'p' },
      ...(hasBody ? { json: { a: 1 } } : {}),
    });
    const reached = server.reached[0]!;
    expect(reached).toMatchObject({
      method,
      target: '/x?u=1&p=1&q=2',
      body: hasBody ? '{"a":1}' : '',
    });
    expect(reached.headers).toMatchObject({
      'x-client': 'c',
      'x-both': 'r',
      'x-request': 'r',
      cookie: 'a=c; b=r',
      authorization: `Basic ${Buffer.from('u:p').toString('base64')}`,
      host: `127.0.0.1:${server.port}`,
    });
  });

  it('honours followRedirects, maxRedirects, time-outs and signals', async () => {
    const { signal } = new AbortController();
    await call(client, 'GET', '/moved', { followRedirects: false, signal });
    expect(server.reached).toHaveLength(1);
    const limited = call(client, 'GET', '/moved', { maxRedirects: 0 });
    await expect(limited).rejects.toMatchObject({ code: 'TOO_MANY_REDIRECTS' });
    const aborted = call(client, 'GET', '/x', { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    const hung = open({
      transport: { send: () => new Promise(() => null), close: async () => {} },
    });
    const late = call(hung, 'GET', '/x', { timeout: { total: 5 } });
    await expect(late).rejects.toMatchObject({ code: 'TOTAL_TIMEOUT' });
  });

  it('goes through hooks, cookies, retries and mounts', async () => {
    const seen: string[] = [];
    let answers = 0;
    const mounted = mock(() => {
      answers += 1;
      return answers === 1
        ? { status: 503, headers: { 'retry-after': '0', 'set-cookie': 'k=v; Path=/' } }
        : { status: 200, text: 'ok' };
    });
    const full = open({
      baseUrl: 'http://mounted.example',
      mounts: { 'all://mounted.example': mounted },
      hooks: { request: ({ headers }) => void seen.push(headers.get('cookie') ?? 'none') },
    });
    await call(full, 'GET', '/x', { retry: { attempts: 1 } });
    expect(seen).toEqual(['none', 'k=v']);
    expect(server.reached).toHaveLength(0);
  });

  it('is refused by a closed client', async () => {
    await client.close();
    await expect(call(client, 'GET', '/x', {})).rejects.toBeInstanceOf(ClosedError);
  });
});

describe('Client.request', () => {
  it('gives the response whole', async () => {
    const response = await client.get('/moved#part');
    expect(response).toMatchObject({ status: 200, ok: true, httpVersion: '1.1', reason: 'OK' });
    expect(response.text()).toBe('/here\n');
    expect(response.url).toBe(`${server.origin}/here#part`);
    expect(response.history.map(({ status }) => status)).toEqual([307]);
    expect(response.elapsedMs).toBeGreaterThan(0);
  });

  it('resolves whatever the status; raiseForStatus throws', async () => {
    const response = await client.get('/status/404');
    expect(response.status).toBe(404);
    expect(() => response.raiseForStatus()).toThrow(StatusError);
    expect((await client.get('/x')).raiseForStatus().status).toBe(200);
  });

  it('rejects, and does not throw, for what cannot be sent', async () => {
    await expect(open({ baseUrl: server.origin }).get('http://')).rejects.toBeInstanceOf(
      InvalidUrlError,
    );
    await expect(new Client().get('/x')).rejects.toThrow(/set baseUrl/);
    await expect(client.get('/x', { jsn: 1 } as RequestOptions)).rejects.toBeInstanceOf(
      InvalidRequestError,
    );
    const headers = { 'x-bad': 'a\r\nb: c' };
    await expect(client.get('/x', { headers })).rejects.toBeInstanceOf(InvalidRequestError);
    expect(server.reached).toHaveLength(0);
  });

  it('says the reason of the platform when a transport throws at once', async () => {
    const broken = open({
      transport: {
        send: () => {
          throw new RangeError('broken');
        },
        close: async () => {},
      },
    });
    await expect(broken.get('/x')).rejects.toThrow('broken');
  });
});

describe('Client.build', () => {
  it('gives what can be changed and sent more than once', async () => {
    const request = client.build('POST', '/x', { json: [1] });
    expect(request.url.href).toBe(`${server.origin}/x`);
    await client.send(request);
    await client.send(request);
    expect(server.reached.map(({ body }) => body)).toEqual(['[1]', '[1]']);
  });
});

describe('Client.extend', () => {
  it('sends over the connections of its parent, and leaves them open when it closes', async () => {
    const child = client.extend({ headers: { 'x-child': 'yes' } });
    await client.get('/x');
    await child.get('/y');
    expect(client.pool).toMatchObject({ opened: 1, reused: 1 });
    await child.close();
    expect((await client.get('/z')).status).toBe(200);
    expect(client.pool.opened).toBe(1);
    await expect(child.get('/x')).rejects.toBeInstanceOf(ClosedError);
    expect(server.reached[1]!.headers['x-child']).toBe('yes');
    expect(server.reached[2]!.headers['x-child']).toBeUndefined();
  });

  it('has connections of its own when it is given another way', async () => {
    const child = client.extend({ limits: { maxConnections: 1 } });
    clients.push(child);
    await client.get('/x');
    await child.get('/y');
    expect(client.pool.opened).toBe(1);
    expect(child.pool.opened).toBe(1);
    await child.close();
    expect((await client.get('/z')).status).toBe(200);
  });

  it('leaves a transport that it was given to whoever gave it', async () => {
    let isClosed = false;
    const given = mock(() => ({ status: 200 }));
    const transport = {
      send: given.send.bind(given),
      close: async () => {
        isClosed = true;
      },
    };
    await new Client({ transport }).close();
    expect(isClosed).toBe(false);
  });

  it('shares cookies with its parent unless it has its own', async () => {
    await client.extend({}).get('/cookie');
    await client.extend({ cookieJar: true }).get('/x');
    await client.get('/y');
    expect(server.reached.map(({ headers }) => headers.cookie)).toEqual([
      undefined,
      undefined,
      'tasted=yes',
    ]);
  });
});

describe('Client.close', () => {
  it('is done by await using, and may be repeated', async () => {
    const used = open();
    await used.get('/x');
    await used[Symbol.asyncDispose]();
    await used.close();
    await expect(used.get('/x')).rejects.toBeInstanceOf(ClosedError);
    expect(() => used.extend({})).toThrow(ClosedError);
    await expect(used.websocket('/x')).rejects.toBeInstanceOf(ClosedError);
  });
});

describe('Client.raw', () => {
  it('goes past the layers over the same connections', async () => {
    await client.get('/cookie');
    const response = await client.raw.get(`${server.origin}/status/302`);
    expect(response.status).toBe(302);
    expect(server.reached[1]!.headers.cookie).toBeUndefined();
    expect(client.pool.opened).toBe(1);
  });
});

describe('Client.collect, Client.paginate, Client.gatherPages', () => {
  it('send their requests through the client', async () => {
    const values: string[] = [];
    const texts = client.collect(['/1', '/2'], {
      parse: (response: ClientResponse) => response.text(),
      ordered: true,
    });
    for await (const { value } of texts) values.push(value!.trim());
    expect(values).toEqual(['/1', '/2']);
    const next = (page: ClientResponse): string | null => (page.url.endsWith('/a') ? '/b' : null);
    const pages = await client.paginate('GET', '/a', { next }).collect();
    expect(pages.map((page) => page.text())).toEqual(['/a\n', '/b\n']);
    const numbered = await client.gatherPages('/p', { totalPages: 2 });
    expect(numbered.map((page) => page.text())).toEqual(['/p?page=1\n', '/p?page=2\n']);
  });
});

describe('what went wrong elsewhere does not here', () => {
  const cookieOf = ({ headers }: Reached): string | undefined => headers.cookie;

  it('retries and the rate limit are carried out', async () => {
    const started = performance.now();
    const slow = open({
      rateLimit: { requestsPerSecond: 50 },
      retry: { attempts: 2, backoffMs: 1 },
    });
    await slow.get('/status/503');
    expect(server.reached).toHaveLength(3);
    expect(performance.now() - started).toBeGreaterThan(39);
  });

  it('no error is swallowed and answered by sending again', async () => {
    const broken = await startServer((_, response) => void response.destroy());
    await expect(client.post(`${broken.origin}/`, { json: 1 })).rejects.toMatchObject({
      phase: 'head',
    });
    expect(broken.reached).toHaveLength(1);
    await broken.close();
  });

  it('time-outs of the client are those of its requests, each phase on its own', async () => {
    const silent = await startServer((_, response) => response.flushHeaders());
    const patient = open({ timeout: { read: 40, total: 5000 } });
    await expect(patient.get(`${silent.origin}/`)).rejects.toMatchObject({ code: 'READ_TIMEOUT' });
    await silent.close();
  });

  it('credentials stay with the origin, by every way to send', async () => {
    const other = await startServer();
    const leak = await startServer(
      (_, response) => void response.writeHead(307, { location: other.origin }).end(),
    );
    const options = {
      auth: { bearer: 'secret' },
      cookies: { a: 'secret' },
      headers: { 'x-kept': '1' },
    };
    await client.send(client.build('GET', leak.origin, options));
    expect(other.reached[0]!.headers).toMatchObject({
      'x-kept': '1',
      host: `127.0.0.1:${other.port}`,
    });
    expect(JSON.stringify(other.reached)).not.toContain('secret');
    await Promise.all([other.close(), leak.close()]);
  });

  it('a redirect goes through the mount of where it leads', async () => {
    const mounted = mock({ 'GET /': { text: 'mounted' } });
    const leading = await startServer(
      (_, response) => void response.writeHead(302, { location: 'http://mounted.example/' }).end(),
    );
    const full = open({ mounts: { 'all://mounted.example': mounted } });
    expect((await full.get(leading.origin)).text()).toBe('mounted');
    await leading.close();
  });

  it('a streamed body is not read before it is asked for', async () => {
    const endless = await startServer((_, response) => {
      response.write('first\n');
    });
    const response = await client.stream('GET', endless.origin);
    for await (const line of response.lines()) {
      expect(line).toBe('first');
      break;
    }
    await response.close();
    await endless.close();
  });

  it('cookies go where they may, and not everywhere', async () => {
    await client.get('/cookie');
    const shared = client.extend({ baseUrl: `http://localhost:${server.port}` });
    await shared.get('/x');
    await client.get('/x');
    expect(server.reached.map(cookieOf)).toEqual([undefined, undefined, 'tasted=yes']);
  });

  it('pool figures are live', async () => {
    await Promise.all([client.get('/1'), client.get('/2')]);
    expect(client.pool).toMatchObject({ open: 2, idle: 2, active: 0, waiting: 0 });
  });
});
