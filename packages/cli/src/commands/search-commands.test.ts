import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '@needletail/load';
import type { StressSummary, SweepSummary } from '@needletail/load/search';
import { Histogram } from '@needletail/stats';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { healthyRun } from '../print/run-summary.fixture.ts';
import { fakeShell } from '../process/shell.fixture.ts';
import { runCommand } from '../program.ts';
import type { RunLoad } from '../run/execute-run.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'needletail-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

/** A target that fails half of its answers from a level on. */
function targetBreakingAt(limit: number): { readonly plans: Plan[]; readonly runLoad: RunLoad } {
  const plans: Plan[] = [];
  const runLoad: RunLoad = async (plan, options) => {
    plans.push(plan);
    const { load } = plan;
    const amount = load.kind === 'constant' ? load.users : load.kind === 'rate' ? load.rate : 1;
    const failed = amount >= limit ? 50 : 0;
    const { ledger, series } = healthyRun();
    const summary = healthyRun({
      ended: options?.signal?.aborted === true ? 'interrupted' : 'complete',
      ledger: {
        ...ledger,
        scheduled: 100,
        ok: 100 - failed,
        failed,
        timedOut: 0,
        dropped: 0,
        inFlight: 0,
      },
      series: [1, 2].map((t) => ({ ...series[0]!, t, requestsPerSecond: amount })),
      thresholds: plan.thresholds.map((expression) => ({
        expression,
        actual: failed,
        ok: !(expression.startsWith('error rate') && failed > 0),
      })),
      verdict: { status: 'pass', bottleneck: 'none', reasons: [] },
    });
    return { summary, latency: new Histogram(), serviceTime: new Histogram() };
  };
  return { plans, runLoad };
}

async function run(argv: readonly string[], runLoad: RunLoad) {
  const { shell, stdout, stderr } = fakeShell({ cwd });
  const code = await runCommand(argv, shell, { runLoad });
  return { code, stdout: stdout(), stderr: stderr() };
}

const climb = ['--scenario', 'linear-overload', '--recovery-limit', '0', '--max-users', '40'];

describe('needletail stress', () => {
  it('prints what it found, and progress on standard error', async () => {
    const { runLoad } = targetBreakingAt(18);
    const { code, stdout, stderr } = await run(['stress', 'http://a/', ...climb], runLoad);
    expect(code).toBe(0);
    expect(stdout).toContain('Sustains    15 users, 5 steps');
    expect(stdout).toContain('Breaks      at 20 users: error rate < 1%');
    expect(stderr).toContain('level 5  20 users, retest ...');
  });

  it('writes JSON alone on standard output, and CSV beside it', async () => {
    const { runLoad } = targetBreakingAt(18);
    const outputs = ['--json', '-', '--csv', 'levels.csv'];
    const { stdout } = await run(['stress', 'http://a/', ...climb, ...outputs], runLoad);
    const summary = JSON.parse(stdout) as StressSummary;
    expect(summary).toMatchObject({ schema: 'needletail.stress/1', maxSustainable: 15, steps: 5 });
    const csv = await readFile(join(cwd, 'levels.csv'), 'utf8');
    expect(csv.trimEnd().split('\n')).toHaveLength(6);
  });

  it('exits 1 when less is sustained than required', async () => {
    const { runLoad } = targetBreakingAt(18);
    const argv = ['stress', 'http://a/', ...climb, '--require', '20', '--quiet'];
    const { code, stdout, stderr } = await run(argv, runLoad);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/needletail: fail: .*Required were 20; 15 were held/);
  });

  it('takes objectives and settings from a plan, and flags over them', async () => {
    const plan = [
      'target: http://a/',
      "thresholds: ['p95 < 9s', 'timeouts < 3%']",
      'stress: { scenario: linear-overload, initialUsers: 3, stepUsers: 3, maxUsers: 6 }',
    ];
    await writeFile(join(cwd, 'plan.yaml'), plan.join('\n'));
    const { plans, runLoad } = targetBreakingAt(1e9);
    const { stdout } = await run(['stress', 'plan.yaml', '--max-users', '9'], runLoad);
    expect(stdout).toContain('p95 < 9s · error rate < 1% · timeouts < 3%');
    expect(plans.map(({ load }) => load)).toMatchObject([{ users: 3 }, { users: 6 }, { users: 9 }]);
  });

  it('finds a rate, by default', async () => {
    const { runLoad } = targetBreakingAt(1000);
    const argv = ['stress', 'http://a/', '--precision', '20%', '--recovery-limit', '0'];
    const { code, stdout } = await run([...argv, '--max-rate', '800'], runLoad);
    expect(code).toBe(0);
    expect(stdout).toContain('Sustains    800/s');
  });

  it.each([
    [['stress'], /Nothing to test/],
    [['stress', 'http://a/', '--scenario', 'storm'], /Give one of breakpoint, linear-overload/],
    [['stress', 'http://a/', '--threshold', 'none'], /Nothing to search for/],
    [['stress', 'missing.yaml'], /Cannot read the plan/],
    [['stress', 'http://a/', '-R', '5'], /-R/],
  ])('refuses %j', async (argv, message) => {
    const { code, stderr } = await run(argv, targetBreakingAt(1).runLoad);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('needletail sweep', () => {
  it('runs the levels and writes them as JSON', async () => {
    const { plans, runLoad } = targetBreakingAt(1e9);
    const argv = ['sweep', 'http://a/', '--users', '2..16', '--step-duration', '1s', '--json', '-'];
    const { code, stdout, stderr } = await run(argv, runLoad);
    expect(code).toBe(0);
    const summary = JSON.parse(stdout) as SweepSummary;
    expect(summary.points.map(({ amount }) => amount)).toEqual([2, 4, 8, 16]);
    expect(plans.every(({ warmupMs }) => warmupMs === 0)).toBe(true);
    expect(stderr).toContain('level 4 of 4  16 users ...');
  });

  it('warms up before the first level when asked to', async () => {
    const { plans, runLoad } = targetBreakingAt(1e9);
    const argv = ['sweep', 'http://a/', '--rates', '10,20', '--warmup', '3s', '--quiet'];
    await run(argv, runLoad);
    expect(plans.map(({ warmupMs }) => warmupMs)).toEqual([3000, 0]);
  });

  it('exits 1 when no level keeps the objectives', async () => {
    const { runLoad } = targetBreakingAt(1);
    const argv = ['sweep', 'http://a/', '--users', '1,2', '--threshold', 'error rate < 1%'];
    const { code, stdout } = await run(argv, runLoad);
    expect(code).toBe(1);
    expect(stdout).toContain('No level kept the objectives.');
  });
});

describe('flags of a run that mean nothing to a search', () => {
  it.each(['--watch-pid=1', '--watch-node=127.0.0.1:9229', '--smoke', '--trace', '--control'])(
    'are refused: %s',
    async (flag) => {
      for (const command of ['stress', 'sweep']) {
        const { plans, runLoad } = targetBreakingAt(30);
        const { code, stderr } = await run([command, 'http://localhost:1/', flag], runLoad);
        expect([code, plans.length]).toEqual([2, 0]);
        expect(stderr).toContain(flag.split('=')[0]);
      }
    },
  );
});
