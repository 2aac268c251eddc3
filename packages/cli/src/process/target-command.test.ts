import { createServer, type AddressInfo, type Server } from 'node:net';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '@needletail/testkit/listening';
import { afterEach, describe, expect, it } from 'vitest';
import { startTargetCommand, type TargetCommand } from './target-command.ts';

const running: TargetCommand[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((target) => target.stop()));
});

async function listening(): Promise<Server> {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function start(
  script: string,
  port: number,
  readyTimeoutMs?: number,
): Promise<TargetCommand> {
  const target = await startTargetCommand({
    command: [process.execPath, '-e', script],
    port,
    cwd: process.cwd(),
    signal: new AbortController().signal,
    ...(readyTimeoutMs === undefined ? {} : { readyTimeoutMs }),
  });
  running.push(target);
  return target;
}

/** A zombie is dead: nobody has asked for its exit code yet, and in a container without an init nobody will. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

describe('startTargetCommand', () => {
  it('waits until the port answers, and stops the command', async () => {
    const port = await freePort();
    const target = await start(
      `setTimeout(() => require('net').createServer().listen(${port}, '127.0.0.1'), 100)`,
      port,
    );
    await target.stop();
    // The port is free again: a second start does not find it taken.
    const again = await start(`require('net').createServer().listen(${port}, '127.0.0.1')`, port);
    await again.stop();
  });

  it('finds a target that listens on IPv6 only', async () => {
    const port = await freePort();
    await start(`require('net').createServer().listen({ port: ${port}, host: '::1' })`, port);
  });

  it('stops what the command started too, even when it does not pass the signal on', async () => {
    const port = await freePort();
    const grandchild = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.stdout.write('up')`;
    const target = await start(
      `const child = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: ['ignore', 'pipe', 'ignore'] });
       child.stdout.once('data', () => require('net').createServer((socket) => socket.on('error', () => {}).end(String(child.pid))).listen(${port}, '127.0.0.1'));`,
      port,
    );
    const pid = await readPid(port);
    expect(isAlive(pid)).toBe(true);
    await target.stop();
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it('says what the command wrote when it dies before it answers', async () => {
    const port = await freePort();
    await expect(
      start(`console.error('no database'); process.exit(7)`, port),
    ).rejects.toMatchObject({
      code: 'TARGET_DIED',
      exitCode: 2,
      output: 'no database',
      message: expect.stringContaining('exit code 7'),
    });
  });

  it('says so when there is no such command', async () => {
    const options = {
      port: await freePort(),
      cwd: process.cwd(),
      signal: new AbortController().signal,
    };
    await expect(
      startTargetCommand({ ...options, command: ['no-such-command-anywhere'] }),
    ).rejects.toMatchObject({ code: 'TARGET_NOT_STARTED' });
  });

  it('refuses a port that answers already, rather than test something else', async () => {
    const server = await listening();
    const { port } = server.address() as AddressInfo;
    await expect(start('', port)).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    server.close();
  });

  it('gives up on a command that never listens', async () => {
    const port = await freePort();
    await expect(start('setInterval(() => {}, 1000)', port, 100)).rejects.toMatchObject({
      code: 'TARGET_SILENT',
      message: expect.stringContaining(`port ${port}`),
    });
  });

  it('tells when the command ends by itself later', async () => {
    const port = await freePort();
    const target = await start(
      `require('net').createServer((socket) => { console.error('crash'); process.exit(3); }).listen(${port}, '127.0.0.1')`,
      port,
    );
    await expect(target.died).resolves.toMatchObject({ code: 'TARGET_DIED', output: 'crash' });
  });

  it('stops waiting when it is interrupted', async () => {
    const controller = new AbortController();
    const started = startTargetCommand({
      command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
      port: await freePort(),
      cwd: process.cwd(),
      signal: controller.signal,
    });
    controller.abort();
    await expect(started).rejects.toMatchObject({ name: 'AbortError' });
  });
});

async function readPid(port: number): Promise<number> {
  const { connect } = await import('node:net');
  const socket = connect(port, '127.0.0.1');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return Number(text);
}
