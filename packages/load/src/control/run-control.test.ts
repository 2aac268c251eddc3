import { describe, expect, it } from 'vitest';
import type { SteeringStep } from '../pace/steering.ts';
import type { LoadSpec, Plan } from '../plan/plan.ts';
import { describeControl } from './describe-control.ts';
import { ControlError } from './errors.ts';
import { RunControl } from './run-control.ts';

const users = (count: number): LoadSpec => ({ kind: 'constant', users: count, durationMs: 60_000 });
const rate = (perSecond: number): LoadSpec => ({
  kind: 'rate',
  rate: perSecond,
  durationMs: 60_000,
  arrivals: 'even',
});

/** A run of the given loads, several as the streams of scenarios `a`, `b`, …; started at 1000 on a clock moved by hand. */
function attached(loads: readonly LoadSpec[], warmupMs = 0) {
  const clock = { now: 1000 };
  const steps: SteeringStep[] = [];
  let stops = 0;
  const control = new RunControl(() => clock.now);
  const scenarios = loads.map((_, index) => ({ name: 'abc'[index]!, weight: 1 }));
  const streams = loads.map((load, index) => ({
    load,
    maxIterations: null,
    scenarios: [index],
  }));
  const script = loads.length === 1 ? null : { scenarios, streams };
  const plan = { load: loads[0], script, maxRequests: null, seed: 1, warmupMs };
  control.attach({
    plan: plan as unknown as Plan,
    startedAt: 1000,
    steer: (step) => steps.push(step),
    stop: () => (stops += 1),
  });
  const stopCount = (): number => stops;
  return { control, clock, steps, stopCount };
}

function codeOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ControlError) return error.code;
    throw error;
  }
  return 'done';
}

describe('RunControl', () => {
  it('pauses and resumes once each, a moment after it is asked', () => {
    const { control, clock, steps } = attached([users(5)]);
    clock.now = 3000;
    control.pause();
    control.pause();
    clock.now = 5000;
    expect(control.status()).toMatchObject({ state: 'paused', users: 5, rate: null });
    control.resume();
    control.resume();
    clock.now = 9000;
    expect(steps).toEqual([
      { action: 'pause', atMs: 2015 },
      { action: 'resume', atMs: 4015 },
    ]);
    expect(control.status()).toMatchObject({ state: 'running', pausedMs: 2000 });
    expect(control.events.map(({ t, action }) => [t, action])).toEqual([
      [2.015, 'pause'],
      [4.015, 'resume'],
    ]);
  });

  it('keeps the order of steps asked for at once', () => {
    const { control, steps } = attached([users(5)]);
    control.setUsers(7);
    control.setUsers(9);
    expect(steps.map(({ atMs }) => atMs)).toEqual([15, 15]);
    expect(control.status().users).toBe(5);
  });

  it('divides users among the streams in proportion, whole and exact', () => {
    const { control, steps } = attached([users(10), users(20), rate(100)]);
    control.setUsers(20);
    expect(steps).toEqual([{ action: 'set', atMs: 15, levels: [7, 13, null] }]);
    control.setUsers(3, 'b');
    expect(steps[1]).toMatchObject({ levels: [null, 3, null] });
    control.setRate(55);
    expect(steps[2]).toMatchObject({ levels: [null, null, 55] });
  });

  it('shows what is wanted of every stream', () => {
    const { control, clock } = attached([users(10), rate(100)]);
    control.setRate(40, 'b');
    clock.now = 1020;
    expect(control.status()).toMatchObject({
      users: 10,
      rate: 40,
      streams: [
        { name: 'a', model: 'closed', level: 10 },
        { name: 'b', model: 'open', level: 40 },
      ],
    });
  });

  it.each([
    [users(50), 1, 55, null],
    [users(50), -1, 45, null],
    [users(1), -1, 1, null],
    [users(2), 1, 3, null],
    [rate(200), 1, null, 220],
    [rate(200), -1, null, 180],
  ] as const)('nudges %o by a tenth', (load, direction, wantedUsers, wantedRate) => {
    const { control, clock } = attached([load]);
    control.nudge(direction);
    clock.now = 1100;
    expect(control.status()).toMatchObject({ users: wantedUsers, rate: wantedRate });
  });

  it('refuses what the run cannot do and leaves it as it was', () => {
    const { control, steps } = attached([users(5)]);
    expect(codeOf(() => control.setRate(10))).toBe('CONTROL_MODEL');
    expect(codeOf(() => control.setUsers(10, 'buyers'))).toBe('CONTROL_STREAM');
    for (const value of [0, -1, 1.5, Number.NaN, Infinity, 100_001]) {
      expect(codeOf(() => control.setUsers(value))).toBe('CONTROL_VALUE');
    }
    for (const value of [0, -1, Number.NaN, Infinity]) {
      expect(codeOf(() => control.setRate(value))).toBe('CONTROL_VALUE');
    }
    expect(steps).toEqual([]);
    expect(control.events).toEqual([]);
  });

  it('takes nothing but stop during a warm-up', () => {
    const { control, clock, steps, stopCount } = attached([users(5)], 500);
    clock.now = 1400;
    expect(control.status().state).toBe('warming-up');
    expect(codeOf(() => control.pause())).toBe('CONTROL_WARMING_UP');
    clock.now = 1500;
    control.pause();
    expect(steps).toEqual([{ action: 'pause', atMs: 515 }]);
    expect(control.events[0]!.t).toBe(0.015);
    control.stop();
    expect(stopCount()).toBe(1);
  });

  it('stops once, and takes nothing before the run or after it', () => {
    expect(codeOf(() => new RunControl().pause())).toBe('CONTROL_NOT_RUNNING');
    expect(codeOf(() => new RunControl().stop())).toBe('CONTROL_NOT_RUNNING');
    const { control, stopCount } = attached([users(5)]);
    control.stop();
    control.stop();
    expect(stopCount()).toBe(1);
    expect(codeOf(() => control.pause())).toBe('CONTROL_NOT_RUNNING');
    control.detach();
    expect(codeOf(() => control.stop())).toBe('CONTROL_NOT_RUNNING');
  });

  it('belongs to one run', () => {
    const { control } = attached([users(5)]);
    const again = { plan: {} as Plan, startedAt: 0, steer: () => undefined, stop: () => undefined };
    expect(codeOf(() => control.attach(again))).toBe('CONTROL_IN_USE');
  });
});

describe('describeControl', () => {
  it('says what was changed and when', () => {
    const sentence = describeControl(
      [
        { t: 1.25, action: 'pause', value: null, stream: null },
        { t: 3, action: 'resume', value: null, stream: null },
        { t: 4, action: 'users', value: 1200, stream: 'buyers' },
        { t: 5, action: 'rate', value: 50, stream: null },
        { t: 6, action: 'stop', value: null, stream: null },
      ],
      1750,
    );
    expect(sentence).toBe(
      'The run was changed while it went: paused at 1.3 s, resumed at 3.0 s, users of buyers set to 1,200 at 4.0 s, ' +
        'rate set to 50/s at 5.0 s, stopped at 6.0 s. Rates leave out the 1.8 s of pauses.',
    );
  });

  it('keeps short when there were many, and silent when there were none', () => {
    const event = { t: 1, action: 'users', value: 5, stream: null } as const;
    expect(
      describeControl(
        Array.from({ length: 40 }).map(() => event),
        0,
      ),
    ).toMatch(/, 32 changes more\.$/);
    expect(describeControl([], 0)).toBeNull();
  });
});
