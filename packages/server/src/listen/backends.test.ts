import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { backends, type BackendReport } from './backends.ts';

const run = promisify(execFile);
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const REPORT = pathToFileURL(createRequire(import.meta.url).resolve('./backends.ts')).href;
const PROGRAM = `import { backends } from ${JSON.stringify(REPORT)}; console.log(JSON.stringify(backends()));`;

/** What another process reports that is started with `variables`. */
async function reportWith(variables: Record<string, string>): Promise<BackendReport> {
  const argv = ['--conditions=@needletail/source', '--import', TSX, '--input-type=module', '-e'];
  const { stdout } = await run(process.execPath, [...argv, PROGRAM], {
    env: { ...process.env, ...variables },
  });
  return JSON.parse(stdout) as BackendReport;
}

describe('backends', () => {
  it('tells what is active, why, and how to have it otherwise', () => {
    const report = backends();
    expect(report).toMatchObject({
      server: { active: 'wire', reason: 'the default' },
      mask: { active: 'words64' },
      sockets: { active: 'direct' },
      compression: { active: 'node:zlib' },
    });
    for (const { reason, force } of Object.values(report)) {
      expect(reason.length).toBeGreaterThan(3);
      expect(force.length).toBeGreaterThan(3);
    }
    expect(report.server.others.map(({ name, available }) => [name, available])).toContainEqual([
      'node',
      true,
    ]);
  });

  it('says what the variables have made of it', async () => {
    const forced = await reportWith({
      NEEDLETAIL_SERVER: 'node',
      NEEDLETAIL_MASK: 'words32',
      NEEDLETAIL_SOCKETS: 'plain',
    });
    expect(forced).toMatchObject({
      server: { active: 'node', reason: 'NEEDLETAIL_SERVER says so' },
      mask: { active: 'words32', reason: 'NEEDLETAIL_MASK says so' },
      sockets: { active: 'plain', reason: 'NEEDLETAIL_SOCKETS says so' },
    });
  });
});
