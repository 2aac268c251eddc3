import { connect as connectTls } from 'node:tls';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { startLeakCheck } from '@needletail/testkit/leak-check';
import { describe, expect, it } from 'vitest';
import { get, post, statuses } from './raw-client.fixture.ts';
import { listenOnWire } from './listen-on-wire.ts';
import { CLOSED_TEXT, TestServer, TEXT } from './wire-test-server.fixture.ts';

const server = new TestServer();

describe('listenOnWire', () => {
  it('answers, and keeps the connection for the next request', async () => {
    await server.start((request, reply) =>
      reply.send(200, TEXT, `${request.method} ${request.target}`),
    );
    const client = server.client();
    client.send(get('/a?b=c'));
    const text = await client.got('GET /a?b=c');
    expect(text).toMatch(
      /^HTTP\/1\.1 200 OK\r\nDate: .+ GMT\r\nContent-Type: text\/plain\r\nContent-Length: 10\r\n\r\nGET \/a\?b=c$/,
    );
    client.send(get('/second'));
    expect(statuses(await client.got('GET /second'))).toEqual([200, 200]);
  });

  it('answers pipelined requests in order and in one write', async () => {
    await server.start((request, reply) => reply.send(200, TEXT, request.target));
    const client = server.client();
    client.send(get('/1') + get('/2') + get('/3') + get('/4', 'Connection: close\r\n'));
    const text = await client.ended();
    expect([...text.matchAll(/\r\n\r\n(\/\d)/g)].map((match) => match[1])).toEqual([
      '/1',
      '/2',
      '/3',
      '/4',
    ]);
    expect(client.pieces).toBe(1);
  });

  it('answers pipelined requests with bodies in one write, for those who take them as they are', async () => {
    await server.start((request, reply) => reply.send(200, TEXT, request.body.arrived!()!));
    const client = server.client();
    client.send(post('/', '1') + post('/', '22') + post('/', '333', 'Connection: close\r\n'));
    const text = await client.ended();
    expect([...text.matchAll(/\r\n\r\n(\d+)/g)].map((match) => match[1])).toEqual([
      '1',
      '22',
      '333',
    ]);
    expect(client.pieces).toBe(1);
  });

  it('starts a pipelined request when the one before is answered', async () => {
    const order: string[] = [];
    await server.start(async (request, reply) => {
      order.push(`+${request.target}`);
      await new Promise((resolve) => setTimeout(resolve, request.target === '/1' ? 20 : 1));
      order.push(`-${request.target}`);
      reply.send(200, TEXT, request.target);
    });
    await server.exchange(get('/1') + get('/2') + get('/3', 'Connection: close\r\n'));
    expect(order).toEqual(['+/1', '-/1', '+/2', '-/2', '+/3', '-/3']);
  });

  it.each([
    ['HTTP/1.1', '', true, ''],
    ['HTTP/1.1', 'Connection: close\r\n', false, 'Connection: close'],
    ['HTTP/1.1', 'Connection: x, CLOSE\r\n', false, 'Connection: close'],
    ['HTTP/1.0', '', false, 'Connection: close'],
    ['HTTP/1.0', 'Connection: keep-alive\r\n', true, 'Connection: keep-alive'],
    ['HTTP/1.0', 'Connection: keep-alive, close\r\n', false, 'Connection: close'],
  ])('%s with %j is kept: %s', async (version, fields, isKept, said) => {
    await server.start((_, reply) => reply.send(200, TEXT, 'ok'));
    const client = server.client();
    client.send(`GET / ${version}\r\nHost: t\r\n${fields}\r\n`);
    const head = (await client.got('\r\n\r\nok')).split('\r\n\r\n')[0]!;
    expect(/Connection: .*/.exec(head)?.[0] ?? '').toBe(said);
    if (!isKept) return void (await client.ended());
    client.send(`GET / ${version}\r\nHost: t\r\n${fields}\r\n`);
    await client.got('\r\n\r\nok', 2);
  });

  it('gives fields, version and address, also after the read buffer was used again', async () => {
    const seen: unknown[] = [];
    await server.start(async (request, reply) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen.push([
        request.headers.get('x-a'),
        request.httpVersion,
        request.remoteAddress,
        request.isSecure,
      ]);
      reply.send(200, '', null);
    });
    const [one, two] = [server.client(), server.client()];
    one.send(get('/', 'X-A: one\r\n'));
    two.send(get('/', 'X-A: two\r\n'));
    await Promise.all([one.got('200 OK'), two.got('200 OK')]);
    expect(new Set(seen)).toEqual(
      new Set([
        ['one', '1.1', '127.0.0.1', false],
        ['two', '1.1', '127.0.0.1', false],
      ]),
    );
  });

  it('refuses fields that are asked for too late, instead of giving those of another request', async () => {
    const later: (() => unknown)[] = [];
    await server.start((request, reply) => {
      later.push(() => request.headers);
      reply.send(200, '', null);
    });
    await server.exchange(get('/x', 'Connection: close\r\n'));
    expect(later[0]).toThrow(expect.objectContaining({ code: 'HEAD_GONE' }));
  });

  it.each([
    ['GET http://other:81/p?q HTTP/1.1', '/p?q', 'other:81'],
    ['GET http://other HTTP/1.1', '/', 'other'],
    ['GET http://other?q HTTP/1.1', '/?q', 'other'],
    ['OPTIONS * HTTP/1.1', '*', 'sent'],
  ])('reads %s as %s for %s', async (line, target, host) => {
    await server.start((request, reply) =>
      reply.send(200, '', `${request.target} ${request.headers.get('host')}`),
    );
    const text = await server.exchange(`${line}\r\nHost: sent\r\nConnection: close\r\n\r\n`);
    expect(text.split('\r\n\r\n')[1]).toBe(`${target} ${host}`);
  });

  it('sends informational responses to HTTP/1.1 clients only', async () => {
    await server.start((_, reply) => {
      reply.interim(103, [['Link', '</a.css>; rel=preload']]);
      reply.send(200, '', 'x');
    });
    expect(statuses(await server.exchange(get('/', 'Connection: close\r\n')))).toEqual([103, 200]);
    expect(statuses(await server.exchange('GET / HTTP/1.0\r\n\r\n'))).toEqual([200]);
  });

  it('serves TLS, and changes its certificate without a restart', async () => {
    const first = selfSignedCertificate();
    const second = selfSignedCertificate();
    await server.start((request, reply) => reply.send(200, '', String(request.isSecure)), {
      tls: first,
    });
    const ask = (trusted: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const { port } = server.listening;
        const socket = connectTls({ port, host: '127.0.0.1', ca: trusted });
        let text = '';
        socket.on('error', reject);
        socket.on('data', (chunk) => (text += chunk.toString()));
        socket.on('secureConnect', () => socket.write(get('/', 'Connection: close\r\n')));
        socket.on('end', () => resolve(text));
      });
    expect(await ask(first.cert)).toMatch(/true$/);
    server.listening.setSecureContext(second);
    expect(await ask(second.cert)).toMatch(/true$/);
    await expect(ask(first.cert)).rejects.toThrow('self-signed');
  });

  it('refuses connections beyond maxConnections with 503, and takes new ones when others have left', async () => {
    await server.start((_, reply) => reply.send(200, '', 'served'), { maxConnections: 2 });
    const [one, two] = [server.client(), server.client()];
    for (const client of [one, two]) {
      client.send(get('/'));
      await client.got('served');
    }
    const refused = await server.client().ended();
    expect(refused).toMatch(/^HTTP\/1\.1 503 /);
    expect(refused).toMatch(CLOSED_TEXT);
    one.socket.destroy();
    await server.until(() => server.listening.connectionCount < 3);
    await server.until(() => server.listening.connectionCount === 1);
    const three = server.client();
    three.send(get('/'));
    await three.got('served');
  });

  it('leaves nothing behind after close', async () => {
    const leaks = startLeakCheck();
    await server.start((_, reply) => reply.send(200, '', 'x'));
    const client = server.client();
    client.send(get('/') + post('/', 'abc'));
    await client.got('\r\n\r\nx', 2);
    await server.listening.close();
    await client.ended();
    client.socket.destroy();
    expect(await leaks.leaked()).toEqual(new Map());
  });

  it('rejects when the port is taken', async () => {
    await server.start(() => {});
    await expect(listenOnWire(() => {}, { port: server.listening.port })).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
    });
  });
});

describe('WireListening.close', () => {
  it('closes idle connections at once and lets an answer that is under way end', async () => {
    let answer = (): void => {};
    await server.start((_, reply) => void (answer = () => reply.send(200, '', 'late')));
    const [idle, busy] = [server.client(), server.client()];
    busy.send(get('/'));
    await server.until(() => server.listening.connectionCount === 2);
    const before = answer;
    await server.until(() => answer !== before);
    const closed = server.listening.close({ graceMs: 5_000 });
    await idle.ended();
    expect(busy.text).toBe('');
    answer();
    expect(await busy.ended()).toMatch(/Connection: close[^]*late$/);
    idle.socket.end();
    busy.socket.end();
    await closed;
  });

  it('lets idle connections ask once more for idleMs', async () => {
    await server.start((_, reply) => reply.send(200, '', 'x'), { clock: server.clock });
    const [used, idle] = [server.client(), server.client()];
    for (const client of [used, idle]) {
      client.send(get('/'));
      await client.got('\r\n\r\nx');
    }
    const closed = server.listening.close({ idleMs: 2_000, graceMs: 1_000 });
    used.send(get('/'));
    expect(await used.ended()).toMatch(/Connection: close[^]*x$/);
    expect(idle.socket.readableEnded).toBe(false);
    server.clock.advance(2_000);
    await idle.ended();
    for (const client of [used, idle]) client.socket.end();
    await closed;
  });

  it('drops what is left after the grace', async () => {
    const signals: AbortSignal[] = [];
    await server.start((request) => void signals.push(request.signal), { clock: server.clock });
    const client = server.client();
    client.send(get('/'));
    await server.until(() => signals.length === 1);
    const closed = server.listening.close({ graceMs: 3_000 });
    server.clock.advance(2_999);
    expect(signals[0]!.aborted).toBe(false);
    server.clock.advance(1);
    await closed;
    expect(signals[0]!.aborted).toBe(true);
    expect(signals[0]!.reason).toMatchObject({ code: 'CLIENT_GONE' });
  });
});
