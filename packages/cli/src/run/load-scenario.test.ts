import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startDemoTarget } from '../demo-target/demo-target.ts';
import { expectRefusal, needletail, Scratch, summaryOf } from '../process/needletail.fixture.ts';

const scratch = new Scratch();
const made = join(scratch.path, 'tmp');
mkdirSync(made);
afterAll(() => scratch.remove());
const around = { cwd: scratch.path, env: { TMPDIR: made } };

describe('needletail run <scenario>, before and after', () => {
  it('leaves nothing behind: not after a run, not after a refusal, not when interrupted while it loads', async () => {
    const target = await startDemoTarget();
    scratch.write(
      'load.ts',
      `export default { target: '${target.url}', load: { users: 1, iterations: 2 }, user: ({ http }: { http: { get(path: string): unknown } }) => http.get('/') };`,
    );
    scratch.write('bad.ts', 'export default 5;');
    scratch.write('waits.ts', "console.error('loading'); await new Promise(() => {});");
    try {
      const ended = await needletail(['run', 'load.ts', '--json', '-'], around);
      expect(summaryOf(ended).ledger).toMatchObject({ ok: 2 });
    } finally {
      await target.close();
    }
    expectRefusal(await needletail(['run', 'bad.ts'], around), /the default export is number 5/);
    const interrupted = await needletail(['run', 'waits.ts', '--no-typecheck'], {
      ...around,
      meanwhile: (stderr, child) => {
        if (stderr.includes('loading')) child.kill('SIGINT');
      },
    });
    expect(interrupted.status).toBe(130);
    expect(readdirSync(made).filter((name) => name.startsWith('needletail'))).toEqual([]);
  });

  it('runs in spite of its types with --no-typecheck', async () => {
    scratch.write('typed.ts', "const users: number = '5';\nexport default { user() {}, users };");
    expectRefusal(await needletail(['run', 'typed.ts'], around), /Type error: .*typed\.ts:1:7/);
    expectRefusal(
      await needletail(['run', 'typed.ts', '--no-typecheck'], around),
      /"users" is no setting of a definition/,
    );
  });

  it('tells an error that nothing awaits from a defect', async () => {
    scratch.write(
      'rejects.ts',
      "void Promise.reject(new Error('nobody waits'));\nawait new Promise(() => {});",
    );
    const ended = await needletail(['run', 'rejects.ts', '--no-typecheck'], around);
    expect([ended.status, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toMatch(
      /^needletail: Scenario not loaded: it threw Error: nobody waits \(rejects\.ts\)\.[^]*at rejects\.ts:1:21/,
    );
    expect(ended.stderr).not.toContain('Unexpected failure');
  });

  it('says what flags of plans mean nothing to a scenario', async () => {
    scratch.write('load.js', "export default { target: 'http://localhost:1', user() {} };");
    expectRefusal(
      await needletail(['run', 'load.js', '-n', '5'], around),
      /a script counts iterations \(-n\/--requests\)\. Use -i <n>/,
    );
    expectRefusal(await needletail(['load.js'], around), /Write needletail run load\.js\./);
    expectRefusal(await needletail(['run', 'load.py'], around), /a scenario is \.ts or \.js/);
  });
});
