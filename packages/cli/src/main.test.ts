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

  it.runIf(process.platform === 'linux')(
    'prints help for little more than Node takes to start',
    () => {
      const help = cheapestMs(() => needletail('--help'));
      const bare = cheapestMs(() => spawnSync(process.execPath, ['-e', '0']));
      expect(bare).toBeGreaterThan(0);
      // Node 24 starts in half the time that Node 20 takes; ours stays.
      const isQuickStart = Number.parseInt(process.versions.node, 10) >= 24;
      expect(help / bare).toBeLessThan(isQuickStart ? 3.5 : 2.5);
    },
  );
});

/** Of five times, in processor time of the child. */
function cheapestMs(run: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const before = childrenCpuMs();
    run();
    return childrenCpuMs() - before;
  });
  return Math.min(...times);
}

/** Processor time of the children waited for, from proc(5): cutime and cstime, in ticks of 10 ms. */
function childrenCpuMs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
