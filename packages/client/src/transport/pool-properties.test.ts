import { FakeClock } from '@needletail/testkit/fake-clock';
import { MemoryNetwork, type Connector, type Link, type LinkHandler } from '@needletail/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { DEFAULT_TIMEOUTS } from '../model/timeouts.ts';
import { transportTo, wholeBody } from './wire-setup.fixture.ts';

/** What the server does with a request. */
const deeds = ['answer', 'answer, then end', 'end', 'reset', 'never', 'later'] as const;
type Deed = (typeof deeds)[number];

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const TURNS = 4000;

const call = fc.record({
  origin: fc.nat({ max: 3 }),
  deed: fc.constantFrom(...deeds),
  isPost: fc.boolean(),
  /** Turn of the loop in which the caller asks, and gives up again. */
  at: fc.nat({ max: 30 }),
  abortAt: fc.option(fc.nat({ max: 60 }), { freq: 5 }),
  /** Whether the way there fails. */
  isUnreachable: fc.nat({ max: 9 }).map((number) => number === 0),
});

type Call = typeof call extends fc.Arbitrary<infer Value> ? Value : never;

/** Reads the deed from the path of each request and does it. */
function serve(link: Link, clock: FakeClock): LinkHandler {
  let hasEnded = false;
  const end = (): void => {
    hasEnded = true;
    link.end();
  };
  const answer = (): void => {
    if (!hasEnded) link.write(ANSWER);
  };
  const deed = (path: string): void => {
    if (path.includes('never')) return;
    if (path.includes('later')) clock.setTimer(50, answer);
    else if (path.includes('reset')) link.destroy(new Error('reset'));
    else {
      if (path.includes('answer')) answer();
      if (path.includes('end')) end();
    }
  };
  return {
    onOpen() {},
    onBytes: (buffer, sizeBytes) => {
      for (const [, path] of buffer
        .toString('latin1', 0, sizeBytes)
        .matchAll(/^\w+ (\S+) HTTP/gm)) {
        deed(path!);
      }
    },
    onDrain() {},
    onEnd: end,
    onClose() {},
  };
}

async function play(calls: readonly Call[], limits: { all: number; each: number }): Promise<void> {
  const clock = new FakeClock();
  const network = new MemoryNetwork((link) => serve(link, clock), clock);
  let isUnreachable = false;
  const connect = (): Connector | Promise<Connector> =>
    isUnreachable ? Promise.reject(new Error('unreachable')) : network;
  const transport = transportTo({
    clock,
    connect,
    limits: { maxConnections: limits.all, maxConnectionsPerOrigin: limits.each },
  });
  let settled = 0;
  const begin = (one: Call): void => {
    isUnreachable = one.isUnreachable;
    const controller = new AbortController();
    if (one.abortAt !== null) clock.setTimer(one.abortAt, () => controller.abort());
    const path = encodeURIComponent(one.deed satisfies Deed);
    const request = makeRequest(`http://origin-${one.origin}.test/${path}`, {
      signal: controller.signal,
      timeouts: { ...DEFAULT_TIMEOUTS, pool: 2000, connect: 2000, read: 500 },
      ...(one.isPost ? { method: 'POST', body: wholeBody('x') } : {}),
    });
    const done = (): void => void (settled += 1);
    transport.send(request).then(done, done);
  };
  for (const one of calls) clock.setTimer(one.at, () => begin(one));
  for (let turn = 0; turn < TURNS && settled < calls.length; turn += 1) {
    clock.advance(1);
    await Promise.resolve();
    await Promise.resolve();
    const { open, connecting, origins } = transport.pool;
    expect(open + connecting).toBeLessThanOrEqual(limits.all);
    for (const origin of Object.values(origins)) {
      expect(origin.open).toBeLessThanOrEqual(limits.each);
    }
  }
  expect(settled).toBe(calls.length);
  clock.advance(10_000);
  const { open, connecting, active, idle, waiting, origins } = transport.pool;
  expect({ open, connecting, active, idle, waiting, origins }).toEqual({
    open: 0,
    connecting: 0,
    active: 0,
    idle: 0,
    waiting: 0,
    origins: {},
  });
  expect(clock.pendingTimers).toBe(0);
  await transport.close();
}

describe('the pool, whatever servers and callers do', () => {
  it('settles every request, keeps its limits, and is empty in the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 25 }),
        fc.record({ all: fc.integer({ min: 1, max: 5 }), each: fc.integer({ min: 1, max: 3 }) }),
        play,
      ),
      { numRuns: 150 },
    );
  });
});
