import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createDelaySampler } from './delay-distribution.ts';
import { startFaultyServer, type FaultyServer } from './faulty-server.ts';
import { spawnFaultyServer } from './faulty-server-process.ts';
import { startLeakCheck } from './leak-check.ts';

interface Reading {
  text: string;
  /** How the connection ended within the time given: `open` when it did not. */
  end: 'open' | 'fin' | 'reset';
  elapsedMs: number;
  pieces: number;
}

let server: FaultyServer | undefined;
const sockets: Socket[] = [];

/** Sends one request and reads until `until` is satisfied, the connection ends, or `patienceMs` is over. */
function request(
  port: number,
  path: string,
  until: (text: string) => boolean,
  patienceMs = 2_000,
): Promise<Reading> {
  return new Promise((resolve) => {
    const reading: Reading = { text: '', end: 'open', elapsedMs: 0, pieces: 0 };
    let sentAt = 0;
    const client = connect(port, '127.0.0.1', () => {
      sentAt = performance.now();
      client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    });
    sockets.push(client);
    const finish = (end: Reading['end']): void => {
      clearTimeout(timer);
      reading.end = end;
      reading.elapsedMs = performance.now() - sentAt;
      client.removeAllListeners();
      client.on('error', () => client.destroy());
      resolve(reading);
    };
    const timer = setTimeout(() => finish('open'), patienceMs);
    client.on('data', (chunk) => {
      reading.text += chunk.toString('latin1');
      reading.pieces += 1;
      if (until(reading.text)) finish('open');
    });
    client.on('end', () => finish('fin'));
    client.on('error', () => finish('reset'));
  });
}

const never = (): boolean => false;

function dropSockets(): void {
  for (const one of sockets.splice(0)) one.destroy();
}

describe('startFaultyServer', () => {
  afterEach(async () => {
    dropSockets();
    await server?.close();
    server = undefined;
  });

  it.each([
    ['/ok', 'hello, world\n', 'ok'],
    ['/status/503', 'hello, world\n', 'status'],
    ['/status/204', 'HTTP/1.1 204', 'ok'],
    ['/100-continue', 'hello, world\n', 'ok'],
    ['/103', 'hello, world\n', 'ok'],
    ['/chunked', '0\r\n\r\n', 'ok'],
    ['/chunk-trailers', 'X-Sum: 5\r\n\r\n', 'ok'],
    ['/bad-chunk', 'hello!', 'protocol'],
    ['/duplicate-cl', 'hello!', 'protocol'],
    ['/te-and-cl', 'hello', 'protocol'],
    ['/lie-long', 'Poison', 'ok'],
    ['/lie-short', 'short', 'timeout'],
    ['/slow-loris', 'X-Drip: a', 'timeout'],
    ['/split', 'hello, world\n', 'ok'],
    ['/endless-headers', 'X-Filler', 'protocol'],
    ['/elsewhere', 'no such fault', 'status'],
  ])('answers %s with %j and counts it as %s', async (path, fragment, outcome) => {
    server = await startFaultyServer();
    const reading = await request(server.port, path, (text) => text.includes(fragment));
    expect(reading.text).toContain(fragment);
    expect(reading.end).toBe('open');
    expect(server.counts()).toMatchObject({ [outcome]: 1 });
    expect(server.arrivals).toHaveLength(1);
  });

  it.each([
    ['/rst', '', 'reset', 'reset'],
    ['/close', '', 'fin', 'reset'],
    ['/truncate', 'short', 'fin', 'truncated'],
    ['/truncate-chunked', 'hello\r\n', 'fin', 'truncated'],
    ['/garbage', 'no HTTP', 'fin', 'protocol'],
    ['/early-close', 'hello', 'fin', 'ok'],
    ['/until-close', 'hello, world\n', 'fin', 'ok'],
  ])('ends the connection of %s', async (path, fragment, end, outcome) => {
    server = await startFaultyServer();
    const reading = await request(server.port, path, never);
    expect(reading.text).toContain(fragment);
    expect(reading.end).toBe(end);
    expect(server.counts()).toMatchObject({ [outcome]: 1 });
  });

  it('says nothing on /hang', async () => {
    server = await startFaultyServer();
    const reading = await request(server.port, '/hang', never, 60);
    expect(reading).toMatchObject({ text: '', end: 'open' });
    expect(server.counts().timeout).toBe(1);
  });

  it('sends /split in many segments and /size/N in full', async () => {
    server = await startFaultyServer();
    const split = await request(server.port, '/split', (text) => text.endsWith('world\n'));
    expect(split.pieces).toBeGreaterThan(10);
    dropSockets();
    const sized = await request(server.port, '/size/100000', (text) => text.length >= 100_000);
    expect(sized.text).toContain('Content-Length: 100000\r\n');
  });

  it('waits as long as /delay/N says, never less', async () => {
    server = await startFaultyServer();
    const reading = await request(server.port, '/delay/40', (text) => text.includes('world'));
    expect(reading.elapsedMs).toBeGreaterThanOrEqual(40);
    const [arrival] = server.arrivals;
    expect(arrival.repliedMs - arrival.arrivedMs).toBeGreaterThanOrEqual(40);
  });

  it('answers nobody while frozen, then everybody', async () => {
    server = await startFaultyServer();
    server.freeze(80);
    const reading = await request(server.port, '/ok', (text) => text.includes('world'));
    expect(reading.elapsedMs).toBeGreaterThan(70);
  });

  it('serves /queue one at a time, first come first served', async () => {
    server = await startFaultyServer({ delay: { kind: 'constant', delayMs: 10 } });
    const { port } = server;
    const done = (text: string): boolean => text.includes('world');
    await Promise.all([1, 2, 3, 4].map(() => request(port, '/queue', done)));
    const replies = server.arrivals.map((arrival) => arrival.repliedMs).sort((a, b) => a - b);
    expect(replies[3] - server.arrivals[0].arrivedMs).toBeGreaterThanOrEqual(40);
    expect(server.arrivals.every((arrival) => arrival.drawnMs === 10)).toBe(true);
  });

  it('leaves nothing open once closed', async () => {
    const check = startLeakCheck();
    server = await startFaultyServer();
    await request(server.port, '/slow-loris', (text) => text.includes('X-Drip'));
    dropSockets();
    await server.close();
    expect(await check.leaked()).toEqual(new Map());
  });
});

describe('createDelaySampler', () => {
  const draw = (sample: () => number): number[] => Array.from({ length: 20_000 }, sample);
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

  it('repeats itself for the same seed only', () => {
    const make = (seed: number): number[] =>
      draw(createDelaySampler({ kind: 'exponential', meanMs: 5 }, seed));
    expect(make(7)).toEqual(make(7));
    expect(make(7)).not.toEqual(make(8));
  });

  it('has the moments of its distribution', () => {
    expect(mean(draw(createDelaySampler({ kind: 'exponential', meanMs: 5 }, 3)))).toBeCloseTo(5, 0);
    const bimodal = draw(
      createDelaySampler({ kind: 'bimodal', lowMs: 1, highMs: 100, highShare: 0.1 }, 3),
    );
    expect(mean(bimodal)).toBeGreaterThan(10);
    expect(mean(bimodal)).toBeLessThan(12);
    const lognormal = draw(createDelaySampler({ kind: 'lognormal', medianMs: 8, sigma: 0.5 }, 3));
    expect(lognormal.sort((a, b) => a - b)[10_000]).toBeCloseTo(8, 0);
    const pareto = draw(createDelaySampler({ kind: 'pareto', minimumMs: 2, shape: 3 }, 3));
    expect(Math.min(...pareto)).toBeGreaterThanOrEqual(2);
    expect(mean(pareto)).toBeCloseTo(3, 0);
  });
});

describe('spawnFaultyServer', () => {
  it('runs in a process that can be stopped, and tells what arrived', async () => {
    const child = await spawnFaultyServer();
    try {
      process.kill(child.pid, 'SIGSTOP');
      const reading = request(child.port, '/ok', (text) => text.includes('world'));
      setTimeout(() => process.kill(child.pid, 'SIGCONT'), 100);
      expect((await reading).elapsedMs).toBeGreaterThan(80);
      expect(await child.counts()).toMatchObject({ ok: 1 });
      expect(await child.arrivals()).toMatchObject([{ path: '/ok', outcome: 'ok', connection: 1 }]);
      await child.clear();
      expect(await child.arrivals()).toEqual([]);
    } finally {
      dropSockets();
      await child.close();
    }
  });
});
