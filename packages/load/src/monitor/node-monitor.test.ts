import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { NodeMonitor } from './node-monitor.ts';
import type { Reading } from './target-monitor.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A Node process with an inspector on a free port; gives its address and what it writes. */
async function inspected(script: string, kind = 'commonjs') {
  const argv = ['--inspect=127.0.0.1:0', `--input-type=${kind}`, '-e', script];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  let stderr = '';
  while (!/ws:\/\/([^/]+)\//.test(stderr)) {
    const [chunk] = (await once(child.stderr, 'data')) as [Buffer];
    stderr += chunk.toString();
  }
  return { address: /ws:\/\/([^/]+)\//.exec(stderr)![1]!, stdout: () => stdout };
}

const valueOf = (readings: readonly Reading[], name: string): number =>
  readings.find((reading) => reading.name === name)!.value;

describe('NodeMonitor', () => {
  it.each(['commonjs', 'module'])(
    'reads the event loop and memory of a process (%s)',
    async (kind) => {
      const script = `setInterval(() => { const end = Date.now() + 60; while (Date.now() < end); }, 80);`;
      const { address } = await inspected(script, kind);
      const monitor = new NodeMonitor(address);
      expect(await monitor.read()).toEqual([]);
      await after(600);
      const readings = await monitor.read();
      expect(valueOf(readings, 'event loop busy')).toBeGreaterThan(40);
      expect(valueOf(readings, 'event loop busy')).toBeLessThanOrEqual(100);
      expect(valueOf(readings, 'event loop delay, p99')).toBeGreaterThan(20);
      expect(valueOf(readings, 'heap used')).toBeGreaterThan(1e6);
      await monitor.close();
    },
  );

  it('leaves nothing behind in the target', async () => {
    const script = `setInterval(() => console.log(Symbol.for('needletail.monitor') in globalThis), 20);`;
    const { address, stdout } = await inspected(script);
    const monitor = new NodeMonitor(address);
    await monitor.read();
    await after(200);
    expect(stdout()).toContain('true');
    await monitor.close();
    await after(200);
    expect(stdout().trim().split('\n').at(-1)).toBe('false');
  });

  it('says that nothing answers', async () => {
    await expect(new NodeMonitor('127.0.0.1:1').read()).rejects.toThrow(/127\.0\.0\.1/);
  });

  it('says that the target has gone, and closes all the same', async () => {
    const { address } = await inspected('setInterval(() => undefined, 1000);');
    const monitor = new NodeMonitor(address);
    await monitor.read();
    children[0]!.kill('SIGKILL');
    await once(children[0]!, 'exit');
    await expect(monitor.read()).rejects.toThrow();
    await monitor.close();
  });
});
