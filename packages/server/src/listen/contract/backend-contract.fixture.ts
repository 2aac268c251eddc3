import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BAD_HEADS, BODIES, FLOOD_BYTES, type RequestSeen } from './contract-app.fixture.ts';
import { askHttp1, http2Client, socketTo } from './contract-client.fixture.ts';
import type { Answer, Ask, Http2Client, Place } from './contract-client.fixture.ts';
import { describeBodies } from './body-contract.fixture.ts';
import { describeConnections } from './connection-contract.fixture.ts';

/** A server with a `ContractApp`, in this process or in another. */
export interface BackendUnderTest {
  readonly place: Place;
  close(graceMs: number): Promise<void>;
}

export interface BackendContract {
  start(): Promise<BackendUnderTest>;
  readonly protocol: 'http1' | 'http2';
  readonly can: {
    /** Send informational responses. */
    readonly interim: boolean;
    /** Hear of a client that is gone: not on a unix socket, where an end is all there is to be heard. */
    readonly reset: boolean;
    /** Answer a client that has ended its half of the connection (RFC 9112 §9.6). */
    readonly halfClose: boolean;
    /** Give the connection to another protocol. */
    readonly upgrade: boolean;
    /** Hand over fields one by one, with their names and targets as sent. */
    readonly raw: boolean;
    /** Answer HEAD, 204 and 304 with exactly the Content-Length that the contract has for them. */
    readonly exactLengths: boolean;
    /** Tell a client to go on sending when its body is asked for, and not before. */
    readonly expect: boolean;
    /** Keep the connection of an HTTP/1.0 client that asks for it. */
    readonly keepAlive10: boolean;
    /** Say by a status why what is no request is refused, rather than just close. */
    readonly exactRefusals: boolean;
  };
}

/** What the cases of a suite use; good between `beforeAll` and `afterAll`. */
export interface ContractRun {
  readonly contract: BackendContract;
  readonly server: BackendUnderTest;
  readonly ask: Ask;
  /** What the application saw since it was asked last. */
  readonly seen: () => Promise<string[]>;
  /** Asks until the application has seen `what`; gives everything up to then. */
  untilSeen(what: string): Promise<string[]>;
  flooded(): Promise<number>;
}

/** What every backend owes its application and the clients; run it once per kind, from a test file. */
export function describeBackendContract(kind: string, contract: BackendContract): void {
  describe(`backend: ${kind}`, () => {
    const run = startRun(contract);
    describeRequests(run);
    describeAnswers(run);
    describeFailures(run);
    describeBodies(run);
    describeStreams(run);
    describeConnections(run);
  });
}

function startRun(contract: BackendContract): ContractRun {
  let server: BackendUnderTest;
  let http2: Http2Client | undefined;
  beforeAll(async () => {
    server = await contract.start();
    if (contract.protocol === 'http2') http2 = http2Client(server.place);
  });
  afterEach(async () => expect(await run.seen()).toEqual([]));
  afterAll(async () => {
    http2?.session.destroy();
    await server.close(0);
  });
  const tell = async (): Promise<{ seen: string[]; flooded: number }> => {
    const { body } = await run.ask({ path: '/seen' });
    return JSON.parse(body.toString()) as { seen: string[]; flooded: number };
  };
  const run: ContractRun = {
    contract,
    get server() {
      return server;
    },
    ask: (asked) => (http2 === undefined ? askHttp1(server.place) : http2.ask)(asked),
    seen: async () => (await tell()).seen,
    flooded: async () => (await tell()).flooded,
    async untilSeen(what) {
      const all: string[] = [];
      while (!all.includes(what)) all.push(...(await run.seen()));
      return all;
    },
  };
  return run;
}

function textOf({ body }: Answer): string {
  return body.toString('utf8');
}

function describeRequests(run: ContractRun): void {
  const { contract, ask } = run;
  it('hands over method, target, version, address and fields', async () => {
    const fields = { 'X-One': 'caf\xe9', Cookie: 'a=1', 'X-Twice': ['1', '2'] };
    const answer = await ask({ method: 'DELETE', path: '/some/p%2Fath?q=a%20b', fields });
    const seen = JSON.parse(textOf(answer)) as RequestSeen;
    const { socketPath, ca } = run.server.place;
    expect(seen).toMatchObject({
      remoteAddress: socketPath === undefined ? '127.0.0.1' : '',
      isSecure: ca !== undefined,
      method: 'DELETE',
      target: '/some/p%2Fath?q=a%20b',
      httpVersion: contract.protocol === 'http2' ? '2' : '1.1',
    });
    const valuesOf = (name: string): string[] =>
      seen.fields.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value);
    expect(valuesOf('host')).toEqual(['test']);
    expect(valuesOf('cookie')).toEqual(['a=1']);
    expect(valuesOf('x-twice')).toEqual(contract.can.raw ? ['1', '2'] : ['1, 2']);
    if (contract.can.raw) expect(valuesOf('x-one')).toEqual(['caf\xe9']);
    expect(seen.fields.some(([name]) => name.startsWith(':'))).toBe(false);
  });
}

function describeAnswers(run: ContractRun): void {
  const { contract, ask } = run;
  const { interim, exactLengths } = contract.can;

  it.each(Object.keys(BODIES))('sends the body %s, with its length and a date', async (kind) => {
    const body = Buffer.from(BODIES[kind] ?? '');
    const { status, fields, body: got } = await ask({ path: `/body/${kind}` });
    expect(status).toBe(200);
    expect(got.equals(body)).toBe(true);
    expect(fields).toMatchObject({ 'content-length': `${body.length}` });
    expect(fields['content-type']).toBe('text/plain');
    expect(Date.parse(String(fields['date']))).toBeGreaterThan(0);
  });

  it.each([
    ['HEAD', '200/hello', '5'],
    ['HEAD', '200/none', undefined],
    ['GET', '204/hello', undefined],
    ['GET', '204/none', undefined],
    ['GET', '304/hello', undefined],
    ['GET', '205/hello', '0'],
    ['GET', '404/none', '0'],
  ])('%s %s sends no body, and says its length is %s', async (method, path, length) => {
    const answer = await ask({ method, path: `/status/${path}` });
    expect(answer).toMatchObject({ status: Number(path.slice(0, 3)), isComplete: true });
    expect(textOf(answer)).toBe('');
    if (exactLengths) expect(answer.fields['content-length']).toBe(length);
    expect(answer.fields['transfer-encoding']).toBeUndefined();
  });

  it('sends repeated fields apart, and values as latin1', async () => {
    const { fields } = await ask({ path: '/fields' });
    expect(fields['set-cookie']).toEqual(['a=1', 'b=2']);
    if (contract.can.raw) expect(fields['x-latin']).toBe('caf\xe9');
  });

  it(interim ? 'sends early hints' : 'answers without the hints that it cannot send', async () => {
    const answer = await ask({ path: '/hints' });
    expect(answer.interim).toEqual(interim ? [[103, '</a.css>; rel=preload']] : []);
    expect(textOf(answer)).toBe('x');
  });
}

function describeFailures({ ask, seen }: ContractRun): void {
  it.each(['throw', 'reject', 'late'])('answers 500 to a handler that fails: %s', async (how) => {
    const answer = await ask({ path: `/fail/${how}` });
    expect(answer.status).toBe(500);
    expect(textOf(answer)).not.toContain('bang');
    expect(await seen()).toEqual(['BANG']);
  });

  it('tells a handler that answers twice, and the first answer stands', async () => {
    expect(textOf(await ask({ path: '/fail/twice' }))).toBe('first');
    expect(await seen()).toEqual(['ANSWERED_TWICE']);
  });

  it.each(Object.keys(BAD_HEADS))('refuses a head with %s, which can be replaced', async (kind) => {
    const answer = await ask({ path: `/head/${encodeURIComponent(kind)}` });
    expect(textOf(answer)).toBe('INVALID_HEAD false');
    expect(answer.fields['injected']).toBeUndefined();
  });

  it.each(['99', '101', '600', '200.5', 'NaN'])('refuses status %s', async (status) => {
    expect((await ask({ path: `/status/${status}/x` })).status).toBe(500);
    expect(await seen()).toEqual(['INVALID_STATUS']);
  });

  it('refuses 101 as an informational response', async () => {
    expect((await ask({ path: '/fail/interim' })).status).toBe(500);
    expect(await seen()).toEqual(['INVALID_STATUS']);
  });
}

function describeStreams(run: ContractRun): void {
  const { contract, ask, seen } = run;

  it('sends pieces as they come', async () => {
    const answer = await ask({ path: '/stream/pieces' });
    expect(textOf(answer)).toBe('ébc');
    expect(answer).toMatchObject({ isComplete: true, fields: { 'x-a': 'b' } });
    expect(answer.fields['content-length']).toBeUndefined();
  });

  it('sends a body of known length with that length', async () => {
    const answer = await ask({ path: '/stream/sized' });
    expect(textOf(answer)).toBe('abcd');
    if (contract.can.exactLengths) expect(answer.fields['content-length']).toBe('4');
  });

  it('sends large pieces', async () => {
    expect((await ask({ path: '/stream/large' })).body.equals(Buffer.alloc(300_000, 'z'))).toBe(
      true,
    );
  });

  it.each([
    ['broken', 'BANG'],
    ['more', 'LENGTH_MISMATCH'],
    ['less', 'LENGTH_MISMATCH'],
  ])('breaks off an answer whose producer fails (%s), and reports it once', async (kind, code) => {
    const isWhole = await ask({ path: `/stream/${kind}` }).then(
      (answer) => answer.isComplete,
      () => false,
    );
    expect(isWhole).toBe(false);
    expect((await run.untilSeen(`stream ${code}`)).toSorted()).toEqual([code, `stream ${code}`]);
  });

  it.each([
    ['HEAD', '/stream/other', 200],
    ['GET', '/stream/not-modified', 304],
  ])('%s %s ends the producer without a body', async (method, path, status) => {
    const answer = await ask({ method, path });
    expect(answer).toMatchObject({ status, isComplete: true });
    expect(textOf(answer)).toBe('');
    expect(await seen()).toEqual([]);
  });

  if (contract.protocol === 'http2') return;

  it('waits for a client that does not read', async () => {
    const socket = socketTo(run.server.place);
    socket.on('error', () => undefined);
    socket.pause();
    socket.write('GET /stream/flood HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n');
    let before = -1;
    let made = 0;
    while (made !== before || made === 0) {
      before = made;
      await new Promise((resolve) => setTimeout(resolve, 50));
      made = await run.flooded();
    }
    expect(made).toBeLessThan(FLOOD_BYTES / 2);
    let sizeBytes = 0;
    for await (const piece of socket) sizeBytes += (piece as Buffer).length;
    expect(sizeBytes).toBeGreaterThan(FLOOD_BYTES);
  });

  it('ends the producer when the client goes away, and tells the handler', async () => {
    const socket = socketTo(run.server.place);
    socket.on('error', () => undefined);
    socket.write('GET /stream/endless HTTP/1.1\r\nHost: t\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    const all = await run.untilSeen('stream CLIENT_GONE');
    if (!all.includes('producer ended')) await run.untilSeen('producer ended');
  });
}
