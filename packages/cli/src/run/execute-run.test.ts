import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '@needletail/load';
import { csvExporter, jsonExporter, type ExportedRun } from '@needletail/report';
import { Histogram } from '@needletail/stats';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { snapshot } from '../print/live-snapshot.fixture.ts';
import { brokenRun, healthyRun, invalidRun } from '../print/run-summary.fixture.ts';
import { fakeShell } from '../process/shell.fixture.ts';
import { executeRun, type RunLoad, type RunSettings } from './execute-run.ts';

const plan = { target: 'http://127.0.0.1:3000/' } as Plan;
const plain: RunSettings = { outputs: [], quiet: false, live: true, targetCommand: null };

function result(summary = healthyRun()): ExportedRun {
  return { summary, latency: new Histogram(), serviceTime: new Histogram() };
}

/** Runs until it is told to end, as a real run does. */
const untilInterrupted: RunLoad = async (_plan, options) => {
  const signal = options?.signal as AbortSignal;
  if (!signal.aborted) await once(signal, 'abort');
  return result(healthyRun({ ended: 'interrupted' }));
};

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'needletail-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function execute(runLoad: RunLoad, settings: Partial<RunSettings> = {}) {
  const { shell, stdout, stderr, exits } = fakeShell({ cwd: directory });
  const code = await executeRun(plan, { ...plain, ...settings }, shell, runLoad);
  return { code, stdout: stdout(), stderr: stderr(), exits };
}

describe('executeRun', () => {
  it('prints the summary on standard output and exits 0 when all passed', async () => {
    const { code, stdout, stderr } = await execute(async () => result());
    expect(code).toBe(0);
    expect(stdout).toContain('Verdict     PASS');
    expect(stderr).toBe('');
  });

  it.each([
    [
      1,
      brokenRun,
      'needletail: fail: Threshold "p99 < 50ms" was not met: 144.3. Threshold "error rate < 1%" was not met: 4.331.\n',
    ],
    [3, invalidRun, expect.stringMatching(/^needletail: invalid: The generator was late: .*\n$/)],
  ])(
    'exits %d and repeats a verdict that is not pass on standard error',
    async (exit, run, line) => {
      const { code, stdout, stderr } = await execute(async () => result(run()));
      expect(code).toBe(exit);
      expect(stdout).toContain('Verdict');
      expect(stderr).toEqual(line);
    },
  );

  it('shows progress and warnings on standard error while it runs', async () => {
    const { stderr } = await execute(async (_plan, options) => {
      options?.onSnapshot?.(snapshot(1));
      options?.onWarning?.('the machine is busy');
      options?.onSnapshot?.(snapshot(2));
      return result();
    });
    expect(stderr.split('\n').map((line) => line.trim().slice(0, 12))).toEqual([
      '1s    18,300',
      'needletail: ',
      '2s    18,600',
      '',
    ]);
  });

  it('prints the verdict line alone when quiet', async () => {
    const { stdout, stderr } = await execute(
      async (_plan, options) => {
        options?.onSnapshot?.(snapshot(1));
        options?.onWarning?.('the machine is busy');
        return result();
      },
      { quiet: true },
    );
    expect(stdout).toBe('');
    expect(stderr).toBe('needletail: pass: 18,201 requests/s, p99 7.92 ms\n');
  });

  it('leaves only the JSON on standard output with --json -', async () => {
    const outputs = [{ path: '-', exporter: jsonExporter }];
    const { stdout, stderr } = await execute(async () => result(), { outputs });
    expect(JSON.parse(stdout)).toEqual(healthyRun());
    expect(stderr).toContain('Verdict     PASS');
  });

  it('writes the files it was asked for', async () => {
    const outputs = [
      { path: 'run.json', exporter: jsonExporter },
      { path: 'run.csv', exporter: csvExporter },
    ];
    const { code } = await execute(async () => result(), { outputs });
    expect(code).toBe(0);
    expect(JSON.parse(await readFile(join(directory, 'run.json'), 'utf8'))).toEqual(healthyRun());
    expect((await readFile(join(directory, 'run.csv'), 'utf8')).split('\n')).toHaveLength(12);
  });

  it('sends nothing when a file could not be written', async () => {
    const outputs = [{ path: 'missing/run.json', exporter: jsonExporter }];
    await expect(execute(() => expect.unreachable(), { outputs })).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
    });
  });

  it('prints the summary and exits 2 when a file cannot be written any more', async () => {
    const outputs = [{ path: 'run.json', exporter: jsonExporter }];
    const { code, stdout, stderr } = await execute(
      async () => {
        await rm(directory, { recursive: true });
        return result();
      },
      { outputs },
    );
    expect(code).toBe(2);
    expect(stdout).toContain('Verdict     PASS');
    expect(stderr).toMatch(/^needletail: Cannot write the report: its directory does not exist /);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('drains at %s, reports, and exits %d', async (name, exit) => {
    const { code, stdout } = await execute(async (given, options) => {
      setImmediate(() => process.emit(name));
      return untilInterrupted(given, options);
    });
    expect(code).toBe(exit);
    expect(stdout).toContain('interrupted after 10.0 s');
    expect(process.listenerCount(name)).toBe(0);
  });

  it('ends at once at the second signal', async () => {
    const { exits } = await execute(async () => {
      process.emit('SIGINT');
      process.emit('SIGINT');
      return result();
    });
    expect(exits).toEqual([130]);
  });

  it('takes its signal handlers back when the engine breaks', async () => {
    await expect(execute(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(process.listenerCount('SIGINT')).toBe(0);
  });
});

describe('executeRun with a command to test', () => {
  async function settingsFor(script: (port: number) => string): Promise<Partial<RunSettings>> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const command = [process.execPath, '-e', script(port)];
    return { targetCommand: { command, port } };
  }

  it('starts it before the run and stops it after', async () => {
    const settings = await settingsFor((port) => `require('net').createServer().listen(${port})`);
    let ran = 0;
    const first = await execute(async () => {
      ran += 1;
      return result();
    }, settings);
    const second = await execute(async () => {
      ran += 1;
      return result();
    }, settings);
    expect([first.code, second.code, ran]).toEqual([0, 0, 2]);
  });

  it('ends the run and fails when it dies, showing what it wrote', async () => {
    const settings = await settingsFor(
      (port) =>
        `require('net').createServer().listen(${port}); setTimeout(() => { console.error('out of luck'); process.exit(9); }, 300)`,
    );
    const { code, stdout, stderr } = await execute(untilInterrupted, settings);
    expect(code).toBe(1);
    expect(stdout).toContain('Verdict');
    expect(stderr).toMatch(/The target ended by itself: exit code 9 .*\n {2}\| out of luck\n$/);
  });

  it('does not run when interrupted while it waits', async () => {
    const settings = await settingsFor(() => 'setInterval(() => {}, 1000)');
    setTimeout(() => process.emit('SIGINT'), 100);
    const { code, stdout } = await execute(() => expect.unreachable(), settings);
    expect([code, stdout]).toEqual([130, '']);
  });
});
