import { FakeClock } from '@needletail/testkit/fake-clock';
import { MemoryNetwork } from '@needletail/wire';
import type { Link, LinkHandler } from '@needletail/wire';
import { describe, expect, it } from 'vitest';
import { Attack } from './attack.ts';
import { imbalanceOf, totalLedger } from './collect/ledger.ts';
import { Tally } from './collect/tally.ts';
import { Tickets } from './drive/tickets.ts';
import type { SteeringStep } from './pace/steering.ts';
import { plainPlan } from './plan/plain-plan.ts';
import type { Plan } from './plan/plan.ts';

const TARGET = 'http://target.test/';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

function planOf(change: Partial<Plan>): Plan {
  return plainPlan(TARGET, change);
}

interface Steered {
  readonly arrivals: readonly number[];
  readonly total: Tally;
  readonly endedAt: number;
}

/** Runs a plan on a clock moved by hand; each step is heard `leadMs` before its moment, as by message. */
async function run(
  change: Partial<Plan>,
  steps: readonly SteeringStep[],
  { answerMs = 10, leadMs = 5 } = {},
): Promise<Steered> {
  const plan = planOf(change);
  const clock = new FakeClock();
  const arrivals: number[] = [];
  const serve = (link: Link): void => {
    arrivals.push(clock.now());
    clock.setTimer(answerMs, () => link.write(ANSWER));
  };
  const accept = (link: Link): LinkHandler => ({
    onOpen: () => undefined,
    onBytes: (buffer, end) => {
      const requests = buffer.toString('latin1', 0, end).split('\r\n\r\n').length - 1;
      for (let n = 0; n < requests; n += 1) serve(link);
    },
    onDrain: () => undefined,
    onEnd: () => link.end(),
    onClose: () => undefined,
  });
  const dialer = new MemoryNetwork(accept, clock);
  const tickets = Tickets.createShared();
  const tallies: Tally[] = [];
  let endedAt = 0;
  const attacks = Array.from({ length: plan.workers }, (_, worker) => {
    const tally = new Tally(1);
    tallies.push(tally);
    return new Attack({ plan, worker, workers: plan.workers, dialer, tally, tickets, clock });
  });
  for (const step of steps) {
    clock.setTimer(step.atMs - leadMs, () => attacks.forEach((attack) => attack.steer(step)));
  }
  const runs = attacks.map((attack) => attack.run(0).then(() => (endedAt = clock.now())));
  clock.runAll(1_000_000);
  await Promise.all(runs);
  const total = new Tally(1);
  total.becomeSumOf(tallies);
  expect(imbalanceOf(totalLedger(total))).toBe(0);
  return { arrivals: arrivals.toSorted((left, right) => left - right), total, endedAt };
}

const rate = (perSecond: number, durationMs: number | null): Plan['load'] => ({
  kind: 'rate',
  rate: perSecond,
  durationMs,
  arrivals: 'even',
});
const pause = (atMs: number): SteeringStep => ({ action: 'pause', atMs });
const resume = (atMs: number): SteeringStep => ({ action: 'resume', atMs });
const set = (atMs: number, level: number): SteeringStep => ({
  action: 'set',
  atMs,
  levels: [level],
});
const expectAt = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual.map((at) => Math.round(at * 1e6) / 1e6)).toEqual(
    expected.map((at) => Math.round(at * 1e6) / 1e6),
  );
};

describe.each([1, 2, 3])('Attack.steer, open model, %i workers', (workers) => {
  it('lets time stand still while paused, and the run is longer by that', async () => {
    const load = rate(100, 200);
    const { arrivals, total, endedAt } = await run({ load, workers }, [pause(95), resume(595)]);
    expectAt(
      arrivals,
      Array.from({ length: 20 }, (_, n) => (n < 10 ? n * 10 : n * 10 + 500)),
    );
    expect(totalLedger(total)).toMatchObject({ scheduled: 20, ok: 20, dropped: 0 });
    expect(total.latency.max).toBe(10_000);
    expect(total.lateness.max).toBe(0);
    expect(endedAt).toBeGreaterThanOrEqual(700);
  });

  it('paces evenly at a new rate from its moment on, one new gap after the last of the old', async () => {
    const { arrivals } = await run({ load: rate(100, 200), workers }, [set(95, 50), set(155, 200)]);
    expectAt(
      arrivals,
      [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 110, 130, 150, 155, 160, 165, 170, 175, 180].concat([
        185, 190, 195,
      ]),
    );
  });

  it('changes the rate during a pause, to hold when the run goes on', async () => {
    const steps = [pause(45), set(60, 200), resume(145)];
    const { arrivals } = await run({ load: rate(100, 70), workers }, steps);
    expectAt(arrivals, [0, 10, 20, 30, 40, 145, 150, 155, 160, 165]);
  });

  it('keeps the limit of requests', async () => {
    const plan = { load: rate(100, null), maxRequests: 12, workers };
    const { arrivals } = await run(plan, [set(45, 1000), pause(48.5), resume(60)]);
    expectAt(arrivals, [0, 10, 20, 30, 40, 45, 46, 47, 48, 60.5, 61.5, 62.5]);
  });

  it('goes on with the warm-up’s schedule where it was', async () => {
    const plan = { load: rate(100, 100), warmupMs: 50, workers };
    const { arrivals, total } = await run(plan, [pause(75), resume(175)]);
    expect(arrivals).toHaveLength(15);
    expect(totalLedger(total).scheduled).toBe(10);
    expectAt(arrivals.slice(7, 9), [70, 180]);
  });
});

describe('Attack.steer, open model', () => {
  it('sends nothing that waits during a pause, and counts no wait for it', async () => {
    const plan = { load: rate(100, 100), connections: 1, timeoutMs: 5000 };
    const { arrivals, total } = await run(plan, [pause(55), resume(1055)], { answerMs: 30 });
    expect(arrivals.filter((at) => at >= 55 && at < 1055)).toEqual([]);
    expect(totalLedger(total)).toMatchObject({ scheduled: 10, dropped: 6, ok: 4 });
    // The fourth request: due at 30 ms, sent when the run went on.
    expectAt(arrivals, [0, 30, 1055, 1085]);
    expect(total.latency.max / 1000).toBeLessThan(120);
  });

  it('drops nothing because of a pause longer than the time-out', async () => {
    const plan = { load: rate(100, 100), connections: 2, timeoutMs: 50 };
    const { total } = await run(plan, [pause(45), resume(5000)], { answerMs: 15 });
    expect(totalLedger(total)).toMatchObject({ scheduled: 10, ok: 10, dropped: 0 });
    expect(total.lateness.max).toBe(0);
  });

  it('is heard too late by a busy thread and still exact from then on', async () => {
    const steps = [pause(45), resume(145)];
    const { arrivals } = await run({ load: rate(100, 100) }, steps, { leadMs: 0 });
    expectAt(arrivals.slice(4, 7), [40, 150, 160]);
  });

  it('replays a Poisson schedule up to the change, and is even after it', async () => {
    const load: Plan['load'] = {
      kind: 'rate',
      rate: 200,
      durationMs: 500,
      arrivals: 'poisson',
    };
    const before = await run({ load }, []);
    const { arrivals } = await run({ load, workers: 2 }, [set(250, 100)]);
    const kept = before.arrivals.filter((at) => at < 250);
    expectAt(arrivals.slice(0, kept.length), kept);
    const gaps = arrivals.slice(kept.length).map((at, n, all) => (n === 0 ? 10 : at - all[n - 1]!));
    expect(gaps.length).toBeGreaterThan(20);
    for (const gap of gaps) expect(gap).toBeCloseTo(10, 6);
  });
});

describe('Attack.steer, closed model', () => {
  it('begins nothing while paused and answers what is under way', async () => {
    const load: Plan['load'] = { kind: 'constant', users: 3, durationMs: 100 };
    const { arrivals, total, endedAt } = await run({ load }, [pause(45), resume(1045)]);
    expect(arrivals.filter((at) => at > 45 && at < 1045)).toEqual([]);
    expectAt(arrivals.slice(15, 18), [1045, 1045, 1045]);
    expect(total.latency.max).toBe(10_000);
    expect(totalLedger(total)).toMatchObject({ failed: 0, dropped: 0 });
    expect(endedAt).toBeGreaterThanOrEqual(1100);
  });

  it.each([1, 2, 3])('has the users asked for, in total of %i workers', async (workers) => {
    const load: Plan['load'] = { kind: 'constant', users: 4, durationMs: 100 };
    const { arrivals } = await run({ load, workers }, [set(35, 7), set(65, 2)]);
    const at = (ms: number): number => arrivals.filter((time) => Math.abs(time - ms) < 0.01).length;
    expect([0, 10, 20, 30].map(at)).toEqual([4, 4, 4, 4]);
    expect([35, 45, 55].map(at)).toEqual([3, 3, 3]);
    // Two remain: users leave from the last that came.
    expect(arrivals.filter((time) => time >= 66 && time < 75)).toHaveLength(2);
  });

  it('lets a user who thinks during a pause think on after it', async () => {
    const load: Plan['load'] = { kind: 'constant', users: 1, durationMs: 200 };
    const { arrivals } = await run({ load, thinkMs: 40 }, [pause(60.5), resume(560.5)], {
      answerMs: 20,
    });
    // Answered at 20, 80 (paused: time stood still at 60.5), so the think time of 40 counts from the resumption.
    expectAt(arrivals, [0, 60, 600.5, 660.5]);
  });

  it('takes the think time that was left when the pause began', async () => {
    const load: Plan['load'] = { kind: 'constant', users: 2, durationMs: 150 };
    const { arrivals } = await run({ load, thinkMs: 40 }, [pause(35), resume(135)]);
    expectAt(arrivals, [0, 0, 150, 150, 200, 200]);
  });

  it('stops a ramp for the time of a pause', async () => {
    const load: Plan['load'] = { kind: 'gradual', users: 10, rampUpMs: 100, durationMs: 150 };
    const { arrivals } = await run({ load }, [pause(55), resume(255)]);
    expect(arrivals.filter((at) => at > 55 && at < 255)).toEqual([]);
    expect(arrivals.filter((at) => at >= 255 && at < 256)).toHaveLength(5);
    expect(arrivals.filter((at) => at >= 300 && at < 310)).toHaveLength(10);
  });

  it('adds users beyond those the plan had, thinking ones too', async () => {
    const load: Plan['load'] = { kind: 'constant', users: 1, durationMs: 300 };
    const { arrivals } = await run({ load, thinkMs: 20 }, [set(50, 20)]);
    expect(arrivals.filter((at) => at >= 50 && at < 80)).toHaveLength(20);
  });
});
