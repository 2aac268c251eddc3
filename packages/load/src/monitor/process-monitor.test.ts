import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { parseStat, readLinuxTree } from './linux-processes.ts';
import { treeOf, type ProcessFigures } from './process-figures.ts';
import { ProcessMonitor } from './process-monitor.ts';
import { parsePsLine, readPsTree } from './ps-processes.ts';
import type { Reading } from './target-monitor.ts';

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** A Node process that runs `script`; says when it does. */
async function start(script: string, stdin: 'ignore' | 'pipe' = 'ignore'): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', `console.log('up');${script}`], {
    stdio: [stdin, 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout!, 'data');
  return child;
}

const valueOf = (readings: readonly Reading[], name: string): number =>
  readings.find((reading) => reading.name === name)!.value;

const figures = (pid: number, cpuMs: number, threads: [number, number][]): ProcessFigures => ({
  pid,
  parent: 1,
  startedAt: 0,
  cpuMs,
  endedCpuMs: 0,
  residentBytes: 1000,
  threads: threads.length,
  openFiles: 3,
  threadCpuMs: new Map(threads),
});

describe('ProcessMonitor', () => {
  it('tells a busy process from an idle one', async () => {
    const busy = await start('for (;;);');
    const idle = await start('setInterval(() => undefined, 1000);');
    const monitors = [busy, idle].map(({ pid }) => new ProcessMonitor(pid!));
    const first = await Promise.all(monitors.map((monitor) => monitor.read()));
    expect(first[0]!.map(({ name }) => name)).not.toContain('CPU');
    await after(700);
    const [hot, cold] = await Promise.all(monitors.map((monitor) => monitor.read()));
    // Other processes may want the processor too: what is left of it, but never more than the core there is.
    expect(valueOf(hot!, 'CPU')).toBeGreaterThan(30);
    expect(valueOf(cold!, 'CPU')).toBeLessThan(15);
    expect(valueOf(hot!, 'memory')).toBeGreaterThan(10e6);
    if (process.platform === 'linux') {
      expect(valueOf(hot!, 'busiest thread')).toBeGreaterThan(30);
      expect(valueOf(hot!, 'busiest thread')).toBeLessThanOrEqual(105);
      expect(valueOf(cold!, 'threads')).toBeGreaterThan(3);
      expect(valueOf(cold!, 'open files')).toBeGreaterThan(3);
    }
  });

  it('counts what a process has started', async () => {
    const parent = await start(
      `const child = require('node:child_process').spawn(process.execPath, ['-e', 'for (;;);']);
       process.on('SIGTERM', () => { child.kill('SIGKILL'); process.exit(); });
       setInterval(() => undefined, 1000);`,
    );
    const monitor = new ProcessMonitor(parent.pid!);
    await monitor.read();
    await after(800);
    expect(valueOf(await monitor.read(), 'CPU')).toBeGreaterThan(25);
    parent.kill('SIGTERM');
    await once(parent, 'exit');
    await expect(monitor.read()).rejects.toThrow('there is no such process');
  });

  it.runIf(process.platform === 'linux')(
    'counts what came and went between two looks, to its end',
    async () => {
      const parent = await start(
        `const { spawnSync } = require('node:child_process');
         const burn = 'const end = performance.now() + 200; while (performance.now() < end); console.log(process.cpuUsage().user)';
         process.stdin.once('data', () => {
           const used = [1, 2, 3].map(() => Number(spawnSync(process.execPath, ['-e', burn]).stdout));
           console.log('used ' + used.reduce((sum, micros) => sum + micros) / 1000);
         });`,
        'pipe',
      );
      let now = 0;
      const monitor = new ProcessMonitor(parent.pid!, readLinuxTree, () => (now += 1000));
      await monitor.read();
      parent.stdin!.write('go');
      const [said] = (await once(parent.stdout!, 'data')) as [Buffer];
      const usedMs = Number(/used (\S+)/.exec(said.toString())![1]);
      // In hundredths of a second, of each of four processes.
      expect(valueOf(await monitor.read(), 'CPU') * 10).toBeGreaterThan(usedMs - 50);
    },
  );

  it.runIf(process.platform === 'linux')(
    'goes on with what is left when the process in between has ended',
    async () => {
      const parent = await start(
        `const { spawn } = require('node:child_process');
         const leaf = 'console.log(process.pid); setInterval(() => undefined, 1000)';
         const between = 'require("node:child_process").spawn(process.execPath, ["-e", ' + JSON.stringify(leaf) + '], { stdio: "inherit" })';
         const child = spawn(process.execPath, ['-e', between], { stdio: ['ignore', 'inherit', 'inherit'] });
         process.stdin.once('data', () => child.kill('SIGKILL'));
         child.once('exit', () => console.log('ended'));`,
        'pipe',
      );
      const [leaf] = (await once(parent.stdout!, 'data')) as [Buffer];
      let tree: readonly ProcessFigures[] = [];
      const monitor = new ProcessMonitor(
        parent.pid!,
        (root, before) => (tree = readLinuxTree(root, before)),
      );
      await monitor.read();
      expect(tree).toHaveLength(3);
      parent.stdin!.write('go');
      await once(parent.stdout!, 'data');
      await monitor.read();
      expect(tree.map(({ pid }) => pid)).toEqual([parent.pid, Number(leaf.toString())]);
      process.kill(Number(leaf.toString()), 'SIGKILL');
    },
  );

  it('adds up a tree, new and gone processes included', async () => {
    const trees = [
      [figures(1, 100, [[1, 100]]), figures(2, 50, [[2, 50]])],
      [
        figures(1, 600, [
          [1, 500],
          [9, 100],
        ]),
        figures(3, 250, [[3, 250]]),
      ],
    ];
    let now = 0;
    const monitor = new ProcessMonitor(
      1,
      () => trees.shift()!,
      () => (now += 1000),
    );
    await monitor.read();
    expect(await monitor.read()).toEqual([
      { name: 'CPU', unit: 'percent', value: 75 },
      { name: 'busiest thread', unit: 'percent', value: 40 },
      { name: 'memory', unit: 'bytes', value: 2000 },
      { name: 'threads', unit: 'count', value: 3 },
      { name: 'open files', unit: 'count', value: 6 },
    ]);
  });
});

describe('treeOf', () => {
  it('finds a process and all that descend from it', () => {
    const all = [
      [2, 1],
      [3, 2],
      [4, 3],
      [5, 1],
      [6, 2],
    ].map(([pid, parent]) => ({ pid: pid!, parent: parent!, startedAt: pid! * 10 }));
    expect(treeOf(2, all).map(({ pid }) => pid)).toEqual([2, 3, 6, 4]);
    expect(treeOf(7, all)).toEqual([]);
  });

  it('knows again what has another parent now, by its start', () => {
    const all = [
      { pid: 4, parent: 1, startedAt: 40 },
      { pid: 5, parent: 4, startedAt: 50 },
      { pid: 6, parent: 1, startedAt: 99 },
    ];
    const before = [4, 6].map((pid) => ({ pid, parent: 2, startedAt: pid * 10 }));
    expect(treeOf(2, all, before).map(({ pid }) => pid)).toEqual([4, 5]);
  });
});

describe('parseStat', () => {
  it('reads a name with spaces and parentheses', () => {
    const text = '4711 (a) b (c)) S 42 4711 4711 0 -1 4194560 1 0 0 0 12 30 7 8 20 0 11 0 9';
    expect(parseStat(text)).toEqual({
      pid: 4711,
      parent: 42,
      startedAt: 9,
      hasEnded: false,
      cpuMs: 420,
      endedCpuMs: 150,
    });
    expect(parseStat('')).toBeNull();
  });
});

describe('readPsTree', () => {
  it.each([
    [
      '  501     1   0:12.34  20480',
      { pid: 501, parent: 1, cpuMs: 12_340, residentBytes: 20_971_520 },
    ],
    ['9 2 1-02:03:04 8', { pid: 9, parent: 2, cpuMs: 93_784_000, residentBytes: 8192 }],
  ])('reads %j', (line, expected) => {
    expect(parsePsLine(line)).toMatchObject(expected);
  });

  it.each(['', 'PID PPID TIME RSS', '1 2 3'])('passes over %j', (line) => {
    expect(parsePsLine(line)).toBeNull();
  });

  it('finds this process', async () => {
    const [own] = await readPsTree(process.pid);
    expect(own).toMatchObject({ pid: process.pid, parent: process.ppid });
    expect(own!.residentBytes).toBeGreaterThan(10e6);
  });
});
