import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// The command as people run it: the built files, in a process of its own.
const bin = fileURLToPath(new URL('../bin/needletail.js', import.meta.url));

function needletail(...argv: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [bin, ...argv], { encoding: 'utf8' });
}

describe('needletail', () => {
  it('prints help on standard error and exits 2 without arguments', () => {
    const { status, stdout, stderr } = needletail();
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: needletail <url>');
  });

  it('prints help on standard output when asked, with examples and exit codes', () => {
    const { status, stdout, stderr } = needletail('--help');
    expect([status, stderr]).toEqual([0, '']);
    for (const part of [
      'Examples:',
      'Exit codes:',
      '--threshold',
      '130  interrupted',
      'backends',
    ]) {
      expect(stdout).toContain(part);
    }
  });

  it('advertises every flag it knows and no command it does not have', () => {
    const { stdout } = needletail('help', 'run');
    expect(stdout).toContain('--on-port');
    expect(needletail('--help').stdout).not.toMatch(/^ {2}(bench|compare|loop|convert|ui) /m);
  });

  it('prints its version and runtime', () => {
    expect(needletail('--version').stdout).toMatch(/^needletail \d+\.\d+\.\d+ \((node|bun) /);
  });

  it('refuses what it does not know with one line and exit code 2', () => {
    for (const argv of [['--nope'], ['bakends'], ['http://host', '-c'], ['plan.yaml']]) {
      const { status, stdout, stderr } = needletail(...argv);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^needletail: [A-Z].*\.\n$|^needletail: [A-Z].*\?\n$/);
    }
  });

  it('does not mind a reader that goes away', () => {
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['-c', `set -o pipefail; "${process.execPath}" "${bin}" --help | head -1`],
      { encoding: 'utf8' },
    );
    expect([status, stdout, stderr]).toEqual([0, 'Usage: needletail <url> [flags]\n', '']);
  });

  it.each([
    ['--help'],
    ['--version'],
    ['http://host', '--nope'],
    ['http://host', '-c', 'nope'],
    ['http://host', '--threshold', 'nope'],
    ['stress', 'http://host', '--max-rate', 'nope'],
    ['stress', 'http://host', '-c', 'nope'],
    ['sweep', 'http://host', '--users', 'nope'],
  ])(
    'loads neither the engine nor a parser, and few modules at all, to answer %s %s %s %s',
    (...argv) => {
      const loaded = modulesLoadedBy(...argv);
      expect(loaded).toContainEqual(expect.stringMatching(/cli\/dist\/bundle\/main\.js$/));
      expect(loaded.length).toBeLessThan(40);
      for (const url of loaded) expect(url).not.toMatch(HEAVY);
    },
  );

  it.runIf(process.platform === 'linux')(
    'prints help, and refuses a value, for little more than Node takes to start',
    () => {
      const [bare, help, refusal] = cheapestMs([
        () => spawnSync(process.execPath, ['-e', '0']),
        () => needletail('--help'),
        () => needletail('http://host', '-c', 'nope'),
      ]);
      expect(bare).toBeGreaterThan(0);
      // Node 24 starts in half the time that Node 20 takes; ours stays.
      const isQuickStart = Number.parseInt(process.versions.node, 10) >= 24;
      expect(help / bare).toBeLessThan(isQuickStart ? 3.5 : 2.2);
      expect(refusal / bare).toBeLessThan(isQuickStart ? 3.5 : 2.4);
    },
  );
});

/** What only runs need: the engine, what it sends with, and what reads plans and scenarios. */
const HEAVY =
  /\/(?:load\/dist\/bundle\/(?:index|script|plan-file)\.js|wire\/dist|client\/dist|node_modules\/(?:esbuild|yaml|zod|typescript)\/)/;

/** Addresses of the files that Node loads as modules. */
function modulesLoadedBy(...argv: string[]): readonly string[] {
  const hook = `import { writeSync } from 'node:fs';
    export const load = (url, context, next) => (writeSync(2, 'loads ' + url + '\\n'), next(url, context));`;
  const code = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hook))});`;
  const { stderr } = spawnSync(process.execPath, ['--import', dataUrl(code), bin, ...argv], {
    encoding: 'utf8',
  });
  return [...stderr.matchAll(/^loads (file:.*)$/gm)].map(([, url]) => url);
}

function dataUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** Each the least of seven, in processor time of the child; by turns, so that a busy spell meets all of them. */
function cheapestMs(programs: readonly (() => unknown)[]): readonly number[] {
  const least = programs.map(() => Infinity);
  for (let round = 0; round < 7; round += 1) {
    for (const [index, run] of programs.entries()) {
      const before = childrenCpuMs();
      run();
      least[index] = Math.min(least[index], childrenCpuMs() - before);
    }
  }
  return least;
}

/** Processor time of the children waited for, from proc(5): cutime and cstime, in ticks of 10 ms. */
function childrenCpuMs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
