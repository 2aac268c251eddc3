import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Listening } from './exchange.ts';
import { listenOn } from './listen-on.ts';

let folder: string;
let socketPath: string;
let listening: Listening | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'needletail-'));
  socketPath = join(folder, 'socket');
});

afterEach(async () => {
  await listening?.close({ graceMs: 0 });
  listening = undefined;
  rmSync(folder, { recursive: true });
});

describe.each(['wire', 'node'] as const)('a unix socket on %s', (server) => {
  const start = async (): Promise<Listening> =>
    (listening = await listenOn(server, (_, reply) => reply.send(200, '', null), {
      socketPath,
      socketMode: 0o600,
    }));

  it('has the mode that was asked for, and is removed at the end', async () => {
    await start();
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    await listening!.close();
    expect(existsSync(socketPath)).toBe(false);
  });

  it('takes the place of one whose server died', async () => {
    const program = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    await once(spawn(process.execPath, ['-e', program, socketPath]), 'exit');
    expect(existsSync(socketPath)).toBe(true);
    await start();
  });

  it('is refused while another server listens there', async () => {
    const first = await start();
    await expect(start()).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
    expect(existsSync(socketPath)).toBe(true);
    await first.close();
  });

  it('is refused where there is another file, which is left alone', async () => {
    writeFileSync(socketPath, 'precious');
    await expect(start()).rejects.toThrow('no socket');
    expect(statSync(socketPath).size).toBe(8);
  });
});
