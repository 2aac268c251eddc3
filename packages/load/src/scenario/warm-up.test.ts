// On a clock that the test moves, with answers that the test gives: what of an iteration counts that a warm-up ends within.
import { MockTransport } from '@needletail/client';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { describe, expect, it } from 'vitest';
import { totalIterations } from '../collect/iteration-ledger.ts';
import { totalLedger } from '../collect/ledger.ts';
import { MOST_ENDPOINTS, ScriptNames } from '../collect/script-names.ts';
import { ScriptTally } from '../collect/script-tally.ts';
import { Tally } from '../collect/tally.ts';
import { Tickets } from '../drive/tickets.ts';
import { processContext } from '../plan/plan-files.ts';
import { resolveDefinition } from '../plan/resolve-definition.ts';
import type { UserFunction } from './definition.ts';
import { ScriptAttack } from './script-attack.ts';

/** A run with a warm-up of a second, one iteration due each second, on a clock of its own. */
class Rehearsal {
  readonly clock = new FakeClock();
  readonly tally = new Tally(MOST_ENDPOINTS + 1);
  readonly names: ScriptNames;
  readonly scripts = new ScriptTally(1);
  /** Gives its answer to the request for a path that has waited longest. */
  readonly #waiting = new Map<string, ((answer: { status: number }) => void)[]>();
  readonly #buffers = ScriptNames.createShared();

  constructor() {
    this.names = new ScriptNames(this.#buffers);
  }

  async begin(user: UserFunction, seconds: number): Promise<void> {
    const definition = {
      target: 'http://host',
      warmup: '1s',
      load: { rate: 1, duration: `${seconds}s` },
      user,
    };
    const plan = await resolveDefinition(definition, {}, processContext());
    const transport = new MockTransport(
      ({ path }) =>
        new Promise<{ status: number }>((resolve) => {
          this.#waiting.set(path, [...(this.#waiting.get(path) ?? []), resolve]);
        }),
      { clock: this.clock },
    );
    const attack = new ScriptAttack({
      plan,
      script: plan.script!,
      functionOf: () => user,
      shared: undefined,
      worker: 0,
      workers: 1,
      tally: this.tally,
      scriptTally: this.scripts,
      names: new ScriptNames(this.#buffers),
      tickets: [Tickets.createShared()],
      openLines: () => ({
        openLine: () => ({ transport, reset: () => undefined }),
        plain: transport,
        close: () => Promise.resolve(),
      }),
      onStop: () => undefined,
      onExchange: () => undefined,
      onMessage: () => undefined,
      clock: this.clock,
    });
    void attack.run(0);
    await this.until(0);
  }

  /** Moves the clock to `ms` since the start, with what follows from that. */
  async until(ms: number): Promise<void> {
    this.clock.advance(ms - this.clock.now());
    await new Promise((resolve) => setImmediate(resolve));
  }

  async answer(path: string): Promise<void> {
    this.#waiting.get(path)!.shift()!({ status: 200 });
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Outcomes and counts by name, those at 0 left out. */
  get counted(): Record<string, number> {
    const { checks, counters, timings } = this.scripts;
    const entries = [
      ...this.names.checks.names().map((name, at) => [`check ${name}`, checks[2 * at]!] as const),
      ...this.names.counters.names().map((name, at) => [name, counters[at]!] as const),
      ...this.names.timings.names().map((name, at) => [name, timings[at]!.count] as const),
    ];
    return Object.fromEntries(entries.filter(([, count]) => count > 0));
  }
}

describe('a warm-up that ends within an iteration', () => {
  it('takes with it the request it ended within, its checks, and what follows from it', async () => {
    const run = new Rehearsal();
    await run.begin(async ({ http, check, count, timing, group }) => {
      await group('both', async () => {
        const first = await http.get('/a');
        check(first, { 'a came': () => true });
        check(first.status, { 'a is 200': (status) => status === 200 });
        count('a');
        timing('after a', 1);
        await group('second', async () => {
          check(await http.get('/b'), { 'b came': () => true });
          check(first, { 'a came once more': () => true });
        });
        count('b');
      });
    }, 1);
    await run.until(1200);
    await run.answer('/a');
    expect(run.counted).toEqual({});
    // What it asks for now is due in the measured time, although the iteration was not.
    await run.answer('/b');
    expect(run.counted).toEqual({ 'check b came': 1, b: 1 });
    expect(totalIterations(run.scripts)).toMatchObject({ scheduled: 1, ok: 0 });
    // The second iteration is measured from its beginning to its end.
    await run.answer('/a');
    await run.answer('/b');
    expect(run.counted).toEqual({
      'check a came': 1,
      'check a is 200': 1,
      'check b came': 2,
      'check a came once more': 1,
      a: 1,
      b: 2,
      'after a': 1,
      both: 1,
      'both / second': 1,
    });
    expect(totalIterations(run.scripts)).toMatchObject({ scheduled: 1, ok: 1 });
    expect(totalLedger(run.tally)).toMatchObject({ scheduled: 3, ok: 3 });
  });

  it('does not hide an iteration without an end: what comes after a pause is measured', async () => {
    const run = new Rehearsal();
    await run.begin(async ({ think, count, iteration }) => {
      if (iteration > 0) return;
      count('begun');
      for (;;) {
        await think(400);
        count('ticks');
      }
    }, 2);
    for (const ms of [400, 800, 1200, 1600, 2000]) await run.until(ms);
    expect(run.counted).toEqual({ ticks: 3 });
  });

  it('counts a failed check with its request, and not at all with one of the warm-up', async () => {
    const run = new Rehearsal();
    await run.begin(async ({ http, check }) => {
      check(await http.get('/a'), { never: () => false });
    }, 1);
    await run.until(1100);
    await run.answer('/a');
    await run.answer('/a');
    expect(totalLedger(run.tally)).toMatchObject({ scheduled: 1, failed: 1 });
    expect(run.scripts.checkOutcomes).toEqual({ passed: 0, failed: 1 });
  });
});
