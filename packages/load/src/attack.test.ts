import { FakeClock } from '@needletail/testkit/fake-clock';
import { MemoryNetwork } from '@needletail/wire';
import type { Link, LinkHandler } from '@needletail/wire';
import { describe, expect, it } from 'vitest';
import { Attack } from './attack.ts';
import { imbalanceOf, totalLedger } from './collect/ledger.ts';
import { Tally } from './collect/tally.ts';
import { Tickets } from './drive/tickets.ts';
import { plainPlan } from './plan/plain-plan.ts';
import type { Plan } from './plan/plan.ts';

const TARGET = 'http://target.test/';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** What the target does with one request: answer after a while, or never. */
type Behaviour = (
  n: number,
) => { readonly afterMs: number; readonly answer?: string } | 'hang' | 'reset';

function planOf(change: Partial<Plan>): Plan {
  return plainPlan(TARGET, change);
}

/** A target in memory that notes when each request arrived, on the same clock. */
class Target {
  readonly arrivals: number[] = [];
  readonly #clock: FakeClock;
  readonly #behave: Behaviour;
  opened = 0;

  constructor(clock: FakeClock, behave: Behaviour) {
    this.#clock = clock;
    this.#behave = behave;
  }

  readonly accept = (link: Link): LinkHandler => {
    this.opened += 1;
    return {
      onOpen: () => undefined,
      onBytes: (buffer, end) => {
        const requests = buffer.toString('latin1', 0, end).split('\r\n\r\n').length - 1;
        for (let n = 0; n < requests; n += 1) this.#serve(link);
      },
      onDrain: () => undefined,
      onEnd: () => link.end(),
      onClose: () => undefined,
    };
  };

  #serve(link: Link): void {
    const behaviour = this.#behave(this.arrivals.length);
    this.arrivals.push(this.#clock.now());
    if (behaviour === 'hang') return;
    if (behaviour === 'reset') link.destroy();
    else this.#clock.setTimer(behaviour.afterMs, () => link.write(behaviour.answer ?? ANSWER));
  }
}

/** Runs a plan to its end on a clock moved by hand, in as many workers as it asks for. */
async function runVirtually(
  change: Partial<Plan>,
  behave: Behaviour = () => ({ afterMs: 10 }),
): Promise<{ arrivals: readonly number[]; total: Tally; opened: number; endedAt: number }> {
  const plan = planOf(change);
  const clock = new FakeClock();
  const target = new Target(clock, behave);
  const network = new MemoryNetwork(target.accept, clock);
  const tickets = Tickets.createShared();
  const tallies: Tally[] = [];
  let endedAt = 0;
  const runs = Array.from({ length: plan.workers }, (_, worker) => {
    const tally = new Tally(plan.requests.length);
    tallies.push(tally);
    const { workers } = plan;
    return new Attack({ plan, worker, workers, dialer: network, tally, tickets, clock })
      .run(0)
      .then(() => (endedAt = Math.max(endedAt, clock.now())));
  });
  clock.runAll(1_000_000);
  await Promise.all(runs);
  const total = new Tally(plan.requests.length);
  total.becomeSumOf(tallies);
  expect(imbalanceOf(totalLedger(total))).toBe(0);
  return { arrivals: target.arrivals, total, opened: target.opened, endedAt };
}

const rate = (perSecond: number, durationMs: number): Plan['load'] => ({
  kind: 'rate',
  rate: perSecond,
  durationMs,
  arrivals: 'even',
});

describe('Attack, open model', () => {
  it('sends exactly on the schedule', async () => {
    const { arrivals, total } = await runVirtually({ load: rate(100, 1000) });
    expect(arrivals).toHaveLength(100);
    arrivals.forEach((at, n) => expect(at).toBeCloseTo(n * 10, 6));
    expect(totalLedger(total)).toMatchObject({ scheduled: 100, ok: 100 });
    expect(total.latency.max).toBe(10_000);
    expect(total.lateness.max).toBe(0);
  });

  it.each([1, 2, 3, 4, 7])('sends the same schedule with %i workers', async (workers) => {
    const { arrivals } = await runVirtually({ load: rate(130, 1000), workers });
    expect(arrivals).toHaveLength(130);
    arrivals
      .toSorted((left, right) => left - right)
      .forEach((at, n) => expect(at).toBeCloseTo((n * 1000) / 130, 6));
  });

  it('follows a linear ramp of the rate', async () => {
    const load: Plan['load'] = {
      kind: 'rate-stages',
      startRate: 0,
      stages: [{ durationMs: 2000, rate: 100 }],
      arrivals: 'even',
    };
    const { arrivals } = await runVirtually({ load });
    expect(arrivals).toHaveLength(100);
    // The integral of the ramp is 25 t², so request n is due at sqrt(n / 25) seconds.
    arrivals.forEach((at, n) => expect(at).toBeCloseTo(Math.sqrt(n / 25) * 1000, 3));
  });

  it('counts latency from the due time when every connection is busy, and blames nobody', async () => {
    const load: Plan['load'] = { kind: 'rate', rate: 100, durationMs: null, arrivals: 'even' };
    const plan = { load, maxRequests: 10, connections: 1, timeoutMs: 5000 };
    const { arrivals, total } = await runVirtually(plan, () => ({ afterMs: 20 }));
    // One connection answers every 20 ms, requests are due every 10: request n waits 10 n ms.
    arrivals.forEach((at, n) => expect(at).toBeCloseTo(n * 20, 6));
    expect(total.latency.max / 1000).toBeCloseTo(110, 0);
    expect(total.serviceTime.max / 1000).toBeCloseTo(20, 1);
    expect(total.scheduleLag.max / 1000).toBeCloseTo(90, 0);
    expect(total.lateness.max).toBe(0);
  });

  it('drops what is due but unsent when the run ends', async () => {
    const plan = { load: rate(100, 100), connections: 1, timeoutMs: 5000 };
    const { arrivals, total } = await runVirtually(plan, () => ({ afterMs: 20 }));
    expect(arrivals).toHaveLength(5);
    expect(totalLedger(total)).toMatchObject({ scheduled: 10, ok: 5, dropped: 5 });
  });

  it('drops what is still unsent one time-out after it was due', async () => {
    const plan = { load: rate(10, 1000), connections: 1, timeoutMs: 300 };
    const { arrivals, total } = await runVirtually(plan, () => 'hang');
    const ledger = totalLedger(total);
    expect(ledger.scheduled).toBe(10);
    expect(ledger.timedOut).toBe(arrivals.length);
    expect(ledger.dropped).toBe(10 - arrivals.length);
    expect(ledger.dropped).toBeGreaterThan(0);
  });

  it('ends after so many requests, once they are answered', async () => {
    const load: Plan['load'] = { kind: 'rate', rate: 100, durationMs: null, arrivals: 'even' };
    const { arrivals, total } = await runVirtually({ load, maxRequests: 25 });
    expect(arrivals).toHaveLength(25);
    expect(totalLedger(total).ok).toBe(25);
  });

  it('leaves out what was due in the warm-up', async () => {
    const { arrivals, total } = await runVirtually({ load: rate(100, 1000), warmupMs: 500 });
    expect(arrivals).toHaveLength(150);
    expect(totalLedger(total)).toMatchObject({ scheduled: 100, ok: 100 });
    expect(total.latency.count).toBe(100);
  });
});

describe('Attack, closed model', () => {
  it('keeps each user busy, one request after the other', async () => {
    const { arrivals, total, opened } = await runVirtually({
      load: { kind: 'constant', users: 5, durationMs: 1000 },
    });
    expect(opened).toBe(5);
    expect(arrivals).toHaveLength(500);
    expect(totalLedger(total).ok).toBe(500);
    expect(total.latency.min).toBe(10_000);
    expect(total.latency.max).toBe(10_000);
  });

  it('thinks between answer and next request', async () => {
    const { arrivals } = await runVirtually({
      load: { kind: 'constant', users: 1, durationMs: 1000 },
      thinkMs: 90,
    });
    arrivals.forEach((at, n) => expect(at).toBeCloseTo(n * 100, 6));
    expect(arrivals).toHaveLength(10);
  });

  it.each([1, 2, 3])('sends exactly -n requests with %i workers', async (workers) => {
    const plan: Partial<Plan> = {
      load: { kind: 'constant', users: 4, durationMs: null },
      maxRequests: 101,
      workers,
    };
    const { arrivals, total } = await runVirtually(plan);
    expect(arrivals).toHaveLength(101);
    expect(totalLedger(total).ok).toBe(101);
  });

  it('goes through the list in order, an iteration a pass', async () => {
    const request = (path: string): Plan['requests'][number] => ({
      name: `GET ${path}`,
      method: 'GET',
      url: `http://target.test${path}`,
      headers: [],
      body: null,
      weight: 1,
    });
    const { total } = await runVirtually({
      requests: [request('/a'), request('/b'), request('/c')],
      load: { kind: 'constant', users: 2, durationMs: null },
      maxIterations: 7,
    });
    expect(total.endpoints.map(({ ledger }) => ledger[1])).toEqual([7, 7, 7]);
  });

  it('raises and lowers the number of users by the curve', async () => {
    const { arrivals } = await runVirtually({
      load: {
        kind: 'stages',
        startUsers: 1,
        stages: [
          { durationMs: 1000, users: 1 },
          { durationMs: 0, users: 5 },
          { durationMs: 1000, users: 5 },
          { durationMs: 0, users: 2 },
          { durationMs: 1000, users: 2 },
        ],
      },
    });
    const inSecond = (second: number): number =>
      arrivals.filter((at) => Math.floor(at / 1000) === second).length;
    expect(inSecond(0)).toBe(100);
    expect(inSecond(1)).toBeGreaterThanOrEqual(496);
    expect(inSecond(1)).toBeLessThanOrEqual(504);
    expect(inSecond(2)).toBeGreaterThanOrEqual(198);
    expect(inSecond(2)).toBeLessThanOrEqual(204);
  });

  it('counts a hung request as timed out, at the age it reached', async () => {
    const { total } = await runVirtually(
      { load: { kind: 'constant', users: 1, durationMs: null }, maxRequests: 3, timeoutMs: 200 },
      (n) => (n === 1 ? 'hang' : { afterMs: 5 }),
    );
    expect(totalLedger(total)).toMatchObject({ scheduled: 3, ok: 2, timedOut: 1 });
    expect(total.latency.max / 1000).toBeGreaterThanOrEqual(200);
    expect(total.latency.max / 1000).toBeLessThan(230);
  });

  it('counts a reset once and goes on with a new connection, never a second try', async () => {
    const { arrivals, total, opened } = await runVirtually(
      { load: { kind: 'constant', users: 1, durationMs: null }, maxRequests: 5 },
      (n) => (n === 2 ? 'reset' : { afterMs: 5 }),
    );
    expect(arrivals).toHaveLength(5);
    expect(opened).toBe(2);
    expect(totalLedger(total)).toMatchObject({ scheduled: 5, ok: 4, failed: 1 });
  });

  it('counts what is unanswered at the end as in flight', async () => {
    const { total, endedAt } = await runVirtually(
      { load: { kind: 'constant', users: 3, durationMs: 500 }, timeoutMs: 60_000 },
      () => 'hang',
    );
    expect(totalLedger(total)).toMatchObject({ scheduled: 3, ok: 0, inFlight: 3 });
    expect(endedAt).toBeLessThan(2600);
  });

  it('opens a connection for each request without keep-alive', async () => {
    const { arrivals, opened } = await runVirtually({
      load: { kind: 'constant', users: 1, durationMs: null },
      maxRequests: 6,
      keepAlive: false,
    });
    expect(arrivals).toHaveLength(6);
    expect(opened).toBe(6);
  });

  it('keeps so many requests in flight on one connection', async () => {
    const { arrivals, total, opened } = await runVirtually({
      load: { kind: 'constant', users: 1, durationMs: null },
      maxRequests: 32,
      pipelining: 8,
    });
    expect(opened).toBe(1);
    expect(arrivals).toHaveLength(32);
    expect(arrivals.filter((at) => at === 0)).toHaveLength(8);
    expect(totalLedger(total).ok).toBe(32);
  });
});
