import { FakeClock } from '@needletail/testkit/fake-clock';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { Client } from '../client.ts';
import { ClosedError, ReadError } from '../errors.ts';
import { closing } from './closing.fixture.ts';
import type { ConnectionWatch } from './exchange-watch.ts';
import { startH2, startH2c, type Http2TestServer } from './http2-setup.fixture.ts';
import { certificate, startServer } from './network-setup.fixture.ts';
import {
  openPartitionedNetwork,
  type PartitionedNetwork,
  type PartitionedNetworkOptions,
} from './partitioned-network.ts';
import type { TransportResponse } from './transport.ts';
import { startEchoServer } from '../websocket/websocket-setup.fixture.ts';
import { textFrom } from './test-request.fixture.ts';
import {
  answering,
  HELLO_ANSWER,
  startScripted,
  until,
  type ScriptedServer,
} from './wire-setup.fixture.ts';

const KEEPS_QUIET = (): void => {};

function open(options: PartitionedNetworkOptions = {}): PartitionedNetwork {
  return closing(openPartitionedNetwork({ trustEnv: false, ...options }));
}

async function hello(): Promise<ScriptedServer> {
  return closing(await startScripted(answering(HELLO_ANSWER)));
}

/** A request that tells when it is written. */
function watched(
  server: ScriptedServer,
  onSent: () => void = () => {},
): { readonly request: ClientRequest; readonly sent: readonly string[] } {
  const request = makeRequest(`${server.url}/`);
  const sent: string[] = [];
  request.watch = {
    sent: () => {
      sent.push('sent');
      onSent();
    },
    firstByte: () => {},
    bytesSent: () => {},
    bytesReceived: () => {},
  };
  return { request, sent };
}

/** Counts of a network's connections. */
function counting(): ConnectionWatch & { openCount: number; closeCount: number } {
  return {
    openCount: 0,
    closeCount: 0,
    opened() {
      this.openCount += 1;
    },
    closed() {
      this.closeCount += 1;
    },
  };
}

describe('openPartitionedNetwork().partition', () => {
  it('gives each partition connections of its own, and keeps them', async () => {
    const server = await hello();
    const network = open();
    const users = [network.partition(), network.partition(), network.partition()];
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(users.map((user) => user.send(makeRequest(`${server.url}/`))));
    }
    expect(server.connections).toHaveLength(3);
    expect(users.map(({ pool }) => pool.opened)).toEqual([1, 1, 1]);
    expect(users.map(({ pool }) => pool.reused)).toEqual([2, 2, 2]);
  });

  it('writes a request to a free connection at once where no answer has led to it', async () => {
    const server = await hello();
    const user = open().partition();
    await user.send(makeRequest(`${server.url}/`));
    await new Promise((resolve) => setImmediate(resolve));
    const { request, sent } = watched(server);
    const answer = user.send(request);
    expect(sent).toEqual(['sent']);
    await answer;
  });

  it('opens as many connections as there are requests at once', async () => {
    const server = await hello();
    const user = open().partition();
    const requests = Array.from({ length: 60 }, () => user.send(makeRequest(`${server.url}/`)));
    await Promise.all(requests);
    expect(server.connections).toHaveLength(60);
  });

  it('holds each partition to the limits by itself', async () => {
    const server = await hello();
    const network = open({ limits: { maxConnections: 2 } });
    const users = [network.partition(), network.partition()];
    const all = users.flatMap((user) =>
      Array.from({ length: 6 }, () => user.send(makeRequest(`${server.url}/`))),
    );
    for (const answer of await Promise.all(all)) expect(await textFrom(answer)).toBe('hello');
    expect(users.map(({ pool }) => pool.opened)).toEqual([2, 2]);
    expect(server.connections).toHaveLength(4);
  });

  it('keeps cookies apart when each has a client', async () => {
    const server = closing(
      await startServer(
        createHttpServer((request, response) => {
          if (request.url !== '/who')
            response.setHeader('Set-Cookie', `me=${request.url!.slice(1)}`);
          response.end(request.headers.cookie ?? 'nobody');
        }),
      ),
    );
    const network = open();
    const all = new Client({ baseUrl: `http://127.0.0.1:${server.port}` });
    const [ann, bob] = ['ann', 'bob'].map(() =>
      all.extend({ transport: network.partition(), cookieJar: true }),
    );
    await Promise.all([ann!.get('/ann'), bob!.get('/bob')]);
    expect((await ann!.get('/who')).text()).toBe('me=ann');
    expect((await bob!.get('/who')).text()).toBe('me=bob');
  });

  it('sends nothing a second time: a kept connection that is lost fails its request', async () => {
    const server = closing(
      await startScripted((connection) => {
        const requests = connection.text.split('\r\n\r\n').length - 1;
        if (requests === 1) connection.socket.write(HELLO_ANSWER);
        else connection.socket.resetAndDestroy();
      }),
    );
    const user = open().partition();
    await user.send(makeRequest(`${server.url}/`));
    await expect(user.send(makeRequest(`${server.url}/`))).rejects.toBeInstanceOf(ReadError);
    expect(server.connections).toHaveLength(1);
    expect(await textFrom(await user.send(makeRequest(`${server.url}/`)))).toBe('hello');
    expect(server.connections).toHaveLength(2);
  });

  it('replaces a connection that is known to be closed before it sends', async () => {
    const server = await hello();
    const user = open().partition();
    await user.send(makeRequest(`${server.url}/`));
    server.connections[0]!.socket.end();
    await until(() => user.pool.open === 0);
    expect((await user.send(makeRequest(`${server.url}/`))).status).toBe(200);
    expect(server.connections).toHaveLength(2);
  });

  it('does not use a connection past the time that the server keeps it', async () => {
    const server = closing(
      await startScripted(
        answering('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n'),
      ),
    );
    const clock = new FakeClock();
    const user = open({ clock }).partition();
    const ask = async (): Promise<void> => {
      let isAnswered = false;
      void user.send(makeRequest(`${server.url}/`)).then(() => (isAnswered = true));
      await until(() => {
        clock.flush();
        return isAnswered;
      });
    };
    await ask();
    await ask();
    expect(server.connections).toHaveLength(1);
    // A second less a margin of a second: over as soon as the connection has come to rest.
    clock.advance(100);
    await ask();
    expect(server.connections).toHaveLength(2);
  });

  it('does not repeat a request whose expectation was refused', async () => {
    const server = closing(
      await startScripted(
        answering('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n'),
      ),
    );
    const client = new Client({ transport: open().partition() });
    const response = await client.post(`${server.url}/`, { body: 'x', expectContinue: true });
    expect(response.status).toBe(417);
    expect(server.connections).toHaveLength(1);
  });

  it('reset drops what is open and rejects what is under way; the next request opens anew', async () => {
    const server = closing(await startScripted(KEEPS_QUIET));
    const network = open();
    const user = network.partition();
    const other = network.partition();
    const lost = user.send(makeRequest(`${server.url}/`));
    const kept = other.send(makeRequest(`${server.url}/`));
    await until(
      () => server.connections.every(({ text }) => text !== '') && server.connections.length === 2,
    );
    user.reset();
    await expect(lost).rejects.toBeInstanceOf(ClosedError);
    expect(user.pool.open).toBe(0);
    for (const { socket } of server.connections) socket.write(HELLO_ANSWER);
    expect((await kept).status).toBe(200);
    const again = user.send(makeRequest(`${server.url}/`));
    await until(() => server.connections.length === 3);
    server.connections[2]!.socket.write(HELLO_ANSWER);
    expect((await again).status).toBe(200);
  });

  it('rejects once it is closed, or its network is', async () => {
    const server = await hello();
    const network = open();
    const [one, other] = [network.partition(), network.partition()];
    await Promise.all([one, other].map((user) => user.send(makeRequest(`${server.url}/`))));
    await one.close();
    await expect(one.send(makeRequest(`${server.url}/`))).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
    });
    await network.close();
    await expect(other.send(makeRequest(`${server.url}/`))).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
    });
    const late = network.partition().send(makeRequest(`${server.url}/`));
    await expect(late).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
  });

  it.each([{ limits: { maxConnections: 0 } }, { http2: 'maybe' as never }])(
    'refuses %j',
    (options) => {
      expect(() => openPartitionedNetwork(options)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      );
    },
  );
});

describe('openPartitionedNetwork().partition, in the turn of an answer', () => {
  /** `count` users who ask, and ask again with what `again` gives as soon as they are answered, all in one turn. */
  async function askingTwice(
    count: number,
    again: (server: ScriptedServer, index: number) => ClientRequest,
  ): Promise<{ readonly server: ScriptedServer; readonly answers: Promise<TransportResponse>[] }> {
    const server = await hello();
    const clock = new FakeClock();
    const network = open({ clock });
    const users = Array.from({ length: count }, () => network.partition());
    const first = users.map((user) => user.send(makeRequest(`${server.url}/`)));
    const answers = users.map(async (user, index) => {
      await first[index];
      return user.send(again(server, index));
    });
    // All have been read, and none is handed out: the clock stands still.
    await until(() => users.every(({ pool }) => pool.idle === 1));
    let isOver = false;
    void Promise.allSettled(answers).then(() => (isOver = true));
    void until(() => {
      clock.flush();
      return isOver;
    });
    return { server, answers };
  }

  it('writes requests when all have been made, in that order', async () => {
    const heard: string[] = [];
    const { server, answers } = await askingTwice(3, (to, index) => {
      heard.push(`made ${index}`);
      return watched(to, () => heard.push(`written ${index}`)).request;
    });
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(heard).toEqual(['made 0', 'made 1', 'made 2', 'written 0', 'written 1', 'written 2']);
    expect(server.connections).toHaveLength(3);
  });

  it('lets none wait for more than fifteen others', async () => {
    const heard: string[] = [];
    const { answers } = await askingTwice(20, (to) => {
      heard.push('made');
      return watched(to, () => heard.push('written')).request;
    });
    await Promise.all(answers);
    expect(heard.indexOf('written')).toBe(16);
    expect(heard.filter((what) => what === 'written')).toHaveLength(20);
  });

  it('does not write what was aborted meanwhile', async () => {
    const controllers = [new AbortController(), new AbortController()];
    const { server, answers } = await askingTwice(2, (to, index) => {
      // The second one asks when the first has asked, and before anything is written.
      if (index === 1) controllers[0]!.abort();
      return makeRequest(`${to.url}/`, { signal: controllers[index]!.signal });
    });
    await expect(answers[0]).rejects.toMatchObject({ name: 'AbortError' });
    expect((await answers[1]!).status).toBe(200);
    await until(() => server.connections.some(({ socket }) => socket.destroyed));
    const counts = server.connections.map(({ text }) => text.split('\r\n\r\n').length - 1);
    expect(counts.toSorted((left, right) => left - right)).toEqual([1, 2]);
  });
});

describe('openPartitionedNetwork({ http2 })', () => {
  const echo = (stream: Parameters<Parameters<typeof startH2c>[0]>[0]): void => {
    stream.respond({ ':status': 200 });
    stream.end('two');
  };

  async function expectSessionEach(
    server: Http2TestServer,
    http2: true | 'prior-knowledge',
  ): Promise<void> {
    const network = open({ http2, tls: { ca: certificate.cert, insecure: true } });
    const users = [network.partition(), network.partition()];
    for (let round = 0; round < 2; round += 1) {
      const sent = users.flatMap((user) =>
        [0, 1].map(() => user.send(makeRequest(`${server.url}/`))),
      );
      for (const answer of await Promise.all(sent)) expect(answer.httpVersion).toBe('2');
    }
    expect(server.sessions).toHaveLength(2);
  }

  it('has a session for each partition, over TLS', async () => {
    await expectSessionEach(closing(await startH2(echo)), true);
  });

  it('has a session for each partition, over TCP', async () => {
    await expectSessionEach(closing(await startH2c(echo)), 'prior-knowledge');
  });

  it('leaves the connection that told of HTTP/1.1 to the partition that opened it', async () => {
    const ports = new Set<number>();
    const server = closing(
      await startServer(
        createHttpsServer(certificate, (request, response) => {
          ports.add(request.socket.remotePort!);
          response.end('one');
        }),
      ),
    );
    const watch = counting();
    const network = open({ http2: true, tls: { ca: certificate.cert, insecure: true }, watch });
    const users = [network.partition(), network.partition()];
    const url = `https://127.0.0.1:${server.port}/`;
    for (let round = 0; round < 2; round += 1) {
      const answers = await Promise.all(users.map((user) => user.send(makeRequest(url))));
      expect(answers.map(({ httpVersion }) => httpVersion)).toEqual(['1.1', '1.1']);
    }
    expect(ports.size).toBe(2);
    expect(watch.openCount).toBe(2);
  });

  it('does not repeat a request that the server refused to process', async () => {
    let streams = 0;
    const server = closing(
      await startH2c((stream) => {
        streams += 1;
        stream.close(7); // REFUSED_STREAM
      }),
    );
    const user = open({ http2: 'prior-knowledge' }).partition();
    await expect(user.send(makeRequest(`${server.url}/`))).rejects.toMatchObject({ code: 'RESET' });
    expect(streams).toBe(1);
  });
});

describe('openPartitionedNetwork({ watch })', () => {
  it('hears of each connection once, opened and closed', async () => {
    const server = await hello();
    const watch = counting();
    const network = open({ watch });
    const users = [network.partition(), network.partition()];
    await Promise.all(users.map((user) => user.send(makeRequest(`${server.url}/`))));
    await Promise.all(users.map((user) => user.send(makeRequest(`${server.url}/`))));
    expect(watch).toMatchObject({ openCount: 2, closeCount: 0 });
    server.connections[0]!.socket.destroy();
    await until(() => watch.closeCount === 1);
    await network.close();
    expect(watch).toMatchObject({ openCount: 2, closeCount: 2 });
  });

  it('is told how long connecting and the handshake took', async () => {
    const server = closing(
      await startServer(createHttpsServer(certificate, (_request, response) => response.end())),
    );
    const heard: number[][] = [];
    const watch = { opened: (...times: number[]) => heard.push(times), closed: () => {} };
    const user = open({ watch, tls: { ca: certificate.cert, insecure: true } }).partition();
    await user.send(makeRequest(`https://127.0.0.1:${server.port}/`));
    expect(heard).toHaveLength(1);
    const [connectMs, tlsMs] = heard[0]!;
    expect(connectMs).toBeGreaterThan(0);
    expect(tlsMs).toBeGreaterThan(0);
  });

  it('hears nothing of a connection that could not be opened', async () => {
    const server = await hello();
    await server.close();
    const watch = counting();
    const sent = open({ watch })
      .partition()
      .send(makeRequest(`${server.url}/`));
    await expect(sent).rejects.toMatchObject({ code: 'REFUSED' });
    expect(watch).toMatchObject({ openCount: 0, closeCount: 0 });
  });

  it('counts WebSockets of clients over the partition, which reset drops too', async () => {
    const server = closing(await startEchoServer());
    const watch = counting();
    const partition = open({ watch }).partition();
    const client = new Client({ transport: partition });
    const socket = await client.websocket(`ws://127.0.0.1:${server.port}/`);
    socket.send('ping');
    expect((await socket[Symbol.asyncIterator]().next()).value).toBe('ping');
    expect(watch).toMatchObject({ openCount: 1, closeCount: 0 });
    partition.reset();
    await until(() => watch.closeCount === 1);
  });
});
