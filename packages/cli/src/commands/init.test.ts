import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { startDemoTarget } from '../demo-target/demo-target.ts';
import { expectRefusal, needletail, Scratch, summaryOf } from '../process/needletail.fixture.ts';

const scratch = new Scratch();
afterAll(() => scratch.remove());

function run(...argv: string[]) {
  return needletail(argv, { cwd: scratch.path });
}

describe('needletail init', () => {
  it('writes a scenario that type-checks and runs as it is, and nothing else', async () => {
    const target = await startDemoTarget({ port: 0, host: '127.0.0.1' });
    try {
      const wrote = await run('init', '--target', target.url);
      expect(wrote).toMatchObject({
        status: 0,
        stdout: 'Wrote load.ts. Run it: npx needletail run load.ts\n',
        stderr: '',
      });
      expect(readdirSync(scratch.path)).toEqual(['load.ts']);
      const ended = await run('run', 'load.ts', '-u', '2', '-i', '4', '--json', '-');
      const summary = summaryOf(ended);
      expect(summary.iterations).toMatchObject({ ok: 4 });
      expect(summary.checks).toEqual([{ name: 'home is there', passed: 4, failed: 0 }]);
      expect(summary.endpoints.map(({ name }) => name)).toEqual(['GET /', 'GET /?page']);
    } finally {
      await target.close();
    }
  });

  it('leaves a file alone that is there', async () => {
    scratch.write('mine.ts', 'mine');
    expectRefusal(
      await run('init', 'mine.ts'),
      /it is there already, and stays as it is \(mine\.ts\)/,
    );
    expect(readFileSync(`${scratch.path}/mine.ts`, 'utf8')).toBe('mine');
  });

  it('refuses places and targets that cannot be', async () => {
    expectRefusal(
      await run('init', 'plan.yaml'),
      /unknown kind of file \(plan\.yaml\)\. Name it \.ts or \.js/,
    );
    expectRefusal(
      await run('init', 'none/load.ts'),
      /no such file or directory \(none\/load\.ts\)/,
    );
    expectRefusal(
      await run('init', 'other.ts', '--target', 'ftp://h'),
      /Not an address: .* \(ftp:\/\/h\)/,
    );
    expect(existsSync(`${scratch.path}/other.ts`)).toBe(false);
  });
});
