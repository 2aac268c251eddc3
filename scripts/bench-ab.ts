// A change against its base, interleaved: runs a command that prints one number per run in a worktree of the base and in
// this tree, in turn, in fresh processes, the order reversed each round, and prints the ratio of each pair.
//
//   npx tsx scripts/bench-ab.ts <base-ref> [--rounds 7] -- <command...>     smaller numbers are better
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const split = process.argv.indexOf('--');
const [base, flag, count] = process.argv.slice(2, split === -1 ? undefined : split);
const command = split === -1 ? [] : process.argv.slice(split + 1);
if (base === undefined || command.length === 0 || (flag !== undefined && flag !== '--rounds')) {
  process.stderr.write(
    'usage: bench-ab <base-ref> [--rounds 7] -- <command that prints a number>\n',
  );
  process.exit(2);
}
const rounds = Number(count ?? 7);

function must(cwd: string, program: string, ...argv: string[]): string {
  const ran = spawnSync(program, argv, { cwd, encoding: 'utf8' });
  if (ran.status !== 0) {
    throw new Error(
      `${program} ${argv.join(' ')} ended with ${ran.status}:\n${ran.stdout}${ran.stderr}`,
    );
  }
  return ran.stdout;
}

function measure(cwd: string): number {
  const printed = must(cwd, command[0]!, ...command.slice(1))
    .trim()
    .split(/\s+/)
    .at(-1);
  const value = Number(printed);
  if (!Number.isFinite(value))
    throw new Error(`the command's last word is not a number: ${printed}`);
  return value;
}

const worktree = join(mkdtempSync(join(tmpdir(), 'needletail-ab-')), 'base');
must(ROOT, 'git', 'worktree', 'add', '--detach', worktree, base);
try {
  cpSync(join(ROOT, 'node_modules'), join(worktree, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  for (const tree of [worktree, ROOT]) must(tree, 'npm', 'run', '--silent', 'build');
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const baseFirst = round % 2 === 0;
    const first = measure(baseFirst ? worktree : ROOT);
    const second = measure(baseFirst ? ROOT : worktree);
    const [before, after] = baseFirst ? [first, second] : [second, first];
    ratios.push(after / before);
    process.stdout.write(
      `round ${round + 1}: base ${before} change ${after} ratio ${(after / before).toFixed(3)}\n`,
    );
  }
  const sorted = ratios.toSorted((left, right) => left - right);
  const middle = sorted[Math.floor(sorted.length / 2)]!;
  const better = ratios.filter((ratio) => ratio < 1).length;
  process.stdout.write(
    `\nmedian ratio ${middle.toFixed(3)} (${sorted[0]!.toFixed(3)} to ${sorted.at(-1)!.toFixed(3)}), ` +
      `better in ${better} of ${rounds} rounds\n`,
  );
} finally {
  must(ROOT, 'git', 'worktree', 'remove', '--force', worktree);
  rmSync(join(worktree, '..'), { recursive: true, force: true });
}
