import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import type { ContractRun } from './backend-contract.fixture.ts';
import {
  askHttp1,
  http2Client,
  rawSocketTo,
  socketTo,
  type Ask,
} from './contract-client.fixture.ts';

/** What a backend owes with connections, their end and their loss; part of the backend suite. */
export function describeConnections(run: ContractRun): void {
  const { contract } = run;
  const isHttp1 = contract.protocol === 'http1';
  if (contract.can.reset) describeLoss(run);
  if (isHttp1) describeEnds(run);
  describeClose(run);
  if (isHttp1) describePersistence(run);
  if (isHttp1 && contract.can.exactRefusals) describeRefusals(run);
  if (contract.can.upgrade) describeUpgrades(run);
}

class Conversation {
  readonly socket: Socket;
  readonly #raw: Socket;
  text = '';

  constructor(run: ContractRun) {
    this.#raw = rawSocketTo(run.server.place);
    this.#raw.on('error', () => undefined);
    this.socket = socketTo(run.server.place, this.#raw);
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => (this.text += chunk.toString('latin1')));
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Leaves for good: an end alone could be that of a client that still reads (RFC 9112 §9.6). */
  reset(): void {
    this.#raw.resetAndDestroy();
    this.socket.destroy();
  }

  async got(fragment: string, times = 1): Promise<string> {
    while (this.text.split(fragment).length <= times) {
      if (this.socket.closed) throw new Error(`Closed without ${fragment}; got: ${this.text}`);
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]);
    }
    return this.text;
  }

  async ended(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.text;
  }
}

function describeLoss(run: ContractRun): void {
  const { contract } = run;

  it('aborts the signal of a request whose client went away; a late answer is no error', async () => {
    if (contract.protocol === 'http2') {
      const { session } = http2Client(run.server.place);
      session.request({ ':path': '/wait/for-ever' }).on('error', () => undefined);
      await run.untilSeen('waiting');
      session.destroy();
    } else {
      const client = new Conversation(run);
      client.send('GET /wait/for-ever HTTP/1.1\r\nHost: t\r\n\r\n');
      await run.untilSeen('waiting');
      client.reset();
    }
    expect(await run.untilSeen('gone CLIENT_GONE')).toEqual(['gone CLIENT_GONE']);
  });

  it.runIf(contract.protocol === 'http1')('rejects a body that will not be complete', async () => {
    const client = new Conversation(run);
    client.send('POST /wait/reading HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nhe');
    const before = await run.untilSeen('waiting');
    client.reset();
    const all = [...before, ...(await run.untilSeen('gone CLIENT_GONE'))];
    if (!all.includes('CLIENT_GONE')) await run.untilSeen('CLIENT_GONE');
  });
}

function describeEnds(run: ContractRun): void {
  const { halfClose } = run.contract.can;

  it('tells a handler whose client sends no more, which may answer all the same', async () => {
    const client = new Conversation(run);
    client.send('GET /wait/for-ever HTTP/1.1\r\nHost: t\r\n\r\n');
    await run.untilSeen('waiting');
    client.socket.end();
    expect(await run.untilSeen('gone CLIENT_GONE')).toEqual(['gone CLIENT_GONE']);
    if (halfClose) expect(await client.ended()).toMatch(/^HTTP\/1\.1 200 [^]*to nobody$/);
  });

  it('ends a stream on which nothing comes when its client has closed', async () => {
    const client = new Conversation(run);
    client.send('GET /stream/silent HTTP/1.1\r\nHost: t\r\n\r\n');
    await client.got('one');
    client.socket.destroy();
    const all = await run.untilSeen('producer ended');
    if (!all.includes('stream CLIENT_GONE')) await run.untilSeen('stream CLIENT_GONE');
  });

  it.runIf(halfClose)('goes on with a stream when its client only sends no more', async () => {
    const client = new Conversation(run);
    client.send('GET /stream/later HTTP/1.1\r\nHost: t\r\n\r\n');
    await client.got('one');
    client.socket.end();
    expect(await client.ended()).toMatch(/3\r\none\r\n0*3\r\ntwo\r\n0+\r\n\r\n$/);
  });
}

function describeClose({ contract }: ContractRun): void {
  const asker = (place: Parameters<typeof askHttp1>[0]): [ask: Ask, end: () => void] => {
    if (contract.protocol === 'http1') return [askHttp1(place), () => undefined];
    const { ask, session } = http2Client(place);
    return [ask, () => session.destroy()];
  };

  it('lets an answer that is under way end when it closes, and takes no more', async () => {
    const server = await contract.start();
    const [ask, end] = asker(server.place);
    const slow = ask({ path: '/slow' });
    await untilWaiting(asker(server.place));
    await Promise.all([server.close(10_000), slow.then(end)]);
    expect((await slow).body.toString()).toBe('in the end');
    const [later, endLater] = asker(server.place);
    await expect(later({ path: '/' })).rejects.toThrow();
    endLater();
  });

  it('drops what is left after the grace', async () => {
    const server = await contract.start();
    const [ask, end] = asker(server.place);
    const never = ask({ path: '/wait/for-ever' });
    await untilWaiting(asker(server.place));
    const [closed, asked] = await Promise.allSettled([server.close(50), never]);
    expect(closed.status).toBe('fulfilled');
    expect(asked.status).toBe('rejected');
    end();
  });
}

async function untilWaiting([ask, end]: [ask: Ask, end: () => void]): Promise<void> {
  while (!(await ask({ path: '/seen' })).body.toString().includes('waiting')) continue;
  end();
}

function describePersistence(run: ContractRun): void {
  it.each(run.contract.can.keepAlive10 ? ['1.1', '1.0'] : ['1.1'])(
    'keeps the connection of an HTTP/%s client that asks for it',
    async (version) => {
      const client = new Conversation(run);
      const get = (connection: string): string =>
        `GET /body/ascii HTTP/${version}\r\nHost: t\r\nConnection: ${connection}\r\n\r\n`;
      client.send(get('keep-alive'));
      await client.got('\r\n\r\nplain');
      client.send(get('keep-alive'));
      await client.got('\r\n\r\nplain', 2);
      client.send(get('close'));
      expect((await client.ended()).match(/\r\n\r\nplain/g)).toHaveLength(3);
    },
  );

  it('answers pipelined requests in order', async () => {
    const client = new Conversation(run);
    const get = (path: string, fields = ''): string =>
      `GET ${path} HTTP/1.1\r\nHost: t\r\n${fields}\r\n`;
    client.send(
      get('/body/utf8') + get('/status/404/none') + get('/body/ascii', 'Connection: close\r\n'),
    );
    const statuses = [...(await client.ended()).matchAll(/HTTP\/1\.1 (\d+)/g)];
    expect(statuses.map((match) => match[1])).toEqual(['200', '404', '200']);
  });

  it('keeps a connection whose body was left unread, if it is short', async () => {
    const client = new Conversation(run);
    const post = (length: number): string =>
      `POST /read/unread HTTP/1.1\r\nHost: t\r\nContent-Length: ${length}\r\n\r\n`;
    client.send(`${post(5)}hello${post(5)}hello`);
    await client.got('\r\n\r\nunread', 2);
    client.send(post(70_000));
    expect(await client.ended()).toMatch(/Connection: close/i);
  });

  it('marks the end of a stream by closing for an HTTP/1.0 client', async () => {
    const client = new Conversation(run);
    client.send('GET /stream/pieces HTTP/1.0\r\nHost: t\r\n\r\n');
    expect(await client.ended()).toMatch(/\r\n\r\n\xc3\xa9bc$/);
  });
}

function describeRefusals(run: ContractRun): void {
  it.each([
    [
      'both lengths',
      'POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n',
    ],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n'],
    ['no Host', 'GET / HTTP/1.1\r\n'],
    ['a folded line', 'GET / HTTP/1.1\r\nHost: t\r\n X: folded\r\n'],
    ['a space in a name', 'GET / HTTP/1.1\r\nHost: t\r\nX Y: z\r\n'],
    ['too much of a head', `GET / HTTP/1.1\r\nHost: t\r\nX: ${'x'.repeat(40_000)}\r\n`],
    ['too many fields', `GET / HTTP/1.1\r\nHost: t\r\n${'X: y\r\n'.repeat(150)}`],
    ['a long target', `GET /${'x'.repeat(9_000)} HTTP/1.1\r\nHost: t\r\n`],
    [
      'an unknown expectation',
      'POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nExpect: cake\r\n',
    ],
  ])('refuses a request with %s, and closes', async (_, head) => {
    const client = new Conversation(run);
    client.send(`${head}\r\n`);
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 4\d\d [^\r]+\r\n/);
  });

  it('refuses CONNECT', async () => {
    const client = new Conversation(run);
    client.send('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n');
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 501 /);
  });

  it('refuses a broken chunk, and tells who reads', async () => {
    const client = new Conversation(run);
    client.send('POST /wait/reading HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n');
    const before = await run.untilSeen('waiting');
    client.send('nonsense\r\n');
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 400 /);
    const all = [...before, ...(await run.untilSeen('gone REFUSED'))];
    if (!all.includes('REFUSED')) await run.untilSeen('REFUSED');
  });
}

function describeUpgrades(run: ContractRun): void {
  const upgrade = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: t\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n`;

  it.each(['/upgrade/now', '/upgrade/late'])('gives the connection away (%s)', async (path) => {
    const client = new Conversation(run);
    client.send(`GET /body/ascii HTTP/1.1\r\nHost: t\r\n\r\n`);
    await client.got('plain');
    client.send(`${upgrade(path)}early`);
    await client.got('early');
    client.send(' late');
    expect(await client.got('late')).toMatch(/plain[^]*101 Switching[^]*early late$/);
    client.socket.end();
    await client.ended();
  });

  it('may refuse', async () => {
    const client = new Conversation(run);
    client.send(upgrade('/upgrade/refused'));
    expect(await client.got('\r\n\r\n')).toContain('HTTP/1.1 403 ');
    client.socket.destroy();
  });

  it('may leave it to be answered like any other, and the connection goes on', async () => {
    const client = new Conversation(run);
    client.send(`${upgrade('/upgrade/declined')}GET /body/ascii HTTP/1.1\r\nHost: t\r\n\r\n`);
    expect(await client.got('\r\n\r\nplain')).toMatch(/^HTTP\/1\.1 200 [^]*"target":"\/upgrade\/d/);
    client.send(upgrade('/upgrade/now'));
    await client.got('101 Switching');
    client.socket.destroy();
  });

  it('is not offered a request with a body', async () => {
    const client = new Conversation(run);
    const fields = 'Host: t\r\nConnection: upgrade\r\nUpgrade: echo\r\nContent-Length: 5\r\n';
    client.send(`POST /read/bytes HTTP/1.1\r\n${fields}\r\nhel`);
    client.send('lo');
    expect(await client.got('\r\n\r\nhello')).toContain('HTTP/1.1 200 ');
    client.socket.destroy();
  });
}
