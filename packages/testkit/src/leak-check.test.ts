import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startLeakCheck } from './leak-check.ts';

describe('startLeakCheck', () => {
  it('counts what was left open by kind, and nothing once it is closed', async () => {
    const check = startLeakCheck();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
    await once(socket, 'connect');
    const leaked = await check.leaked(0);
    expect([...leaked.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(2);
    socket.destroy();
    server.close();
    expect(await check.leaked()).toEqual(new Map());
  });

  it('leaves out what it is told to ignore', async () => {
    const check = startLeakCheck(['Timeout']);
    const timer = setTimeout(() => {}, 60_000);
    expect(await check.leaked(0)).toEqual(new Map());
    clearTimeout(timer);
  });

  it('counts listeners that are left on a shared signal', async () => {
    const { signal } = new AbortController();
    const onAbort = (): void => {};
    const check = startLeakCheck([], [signal]);
    signal.addEventListener('abort', onAbort);
    expect(await check.leaked(0)).toEqual(new Map([['AbortSignal listener', 1]]));
    signal.removeEventListener('abort', onAbort);
    expect(await check.leaked(0)).toEqual(new Map());
  });
});
