import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Checkpoint } from './checkpoint.ts';

describe('Checkpoint', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'needletail-checkpoint-'));
    path = join(folder, 'done.ndjson');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('remembers keys over runs: indices, text, and indices out of order', async () => {
    const first = await Checkpoint.open(path);
    for (const key of [0, 1, 3, 'Zoë\n', 7]) await first.add(key);
    await first.close();
    const second = await Checkpoint.open(path);
    const known = [0, 1, 2, 3, 4, 7, 'Zoë\n', '0', -1, 0.5].map((key) => second.has(key));
    expect(known).toEqual([true, true, false, true, false, true, true, false, false, false]);
    expect(second.size).toBe(5);
    await second.add(2);
    await second.close();
    const third = await Checkpoint.open(path);
    expect(third.has(2)).toBe(true);
    await third.close();
  });

  it('writes what has waited a quarter of a second, without being closed', async () => {
    const clock = new FakeClock();
    const checkpoint = await Checkpoint.open(path, clock);
    await checkpoint.add(0);
    await checkpoint.add(1);
    expect(await readFile(path, 'utf8')).toBe('{"checkpoint":"needletail/1"}\n');
    clock.advance(250);
    await checkpoint.close();
    expect(await readFile(path, 'utf8')).toBe('{"checkpoint":"needletail/1"}\n0\n1\n');
    expect(clock.pendingTimers).toBe(0);
  });

  it('holds back a caller that is faster than the disk, and keeps every key', async () => {
    const checkpoint = await Checkpoint.open(path);
    let waited = 0;
    for (let key = 0; key < 50_000; key += 1) {
      const pause = checkpoint.add(key);
      if (pause === undefined) continue;
      waited += 1;
      await pause;
    }
    await checkpoint.close();
    expect(waited).toBeGreaterThan(0);
    const again = await Checkpoint.open(path);
    expect(again.size).toBe(50_000);
    expect(again.has(49_999)).toBe(true);
    await again.close();
  });

  it.each(['', '{"check', '{"checkpoint":"needletail/1"}'])(
    'starts anew where a crash left %j',
    async (text) => {
      await writeFile(path, text);
      const checkpoint = await Checkpoint.open(path);
      await checkpoint.add(5);
      await checkpoint.close();
      expect(await readFile(path, 'utf8')).toBe('{"checkpoint":"needletail/1"}\n5\n');
    },
  );

  it('says which line is broken', async () => {
    await writeFile(path, '{"checkpoint":"needletail/1"}\n0\n{}\n1\n');
    await expect(Checkpoint.open(path)).rejects.toMatchObject({
      code: 'NOT_A_CHECKPOINT',
      message: expect.stringContaining('line 3') as string,
    });
  });

  it('refuses a large file without lines', async () => {
    await writeFile(path, Buffer.alloc(600_000, 'x'));
    await expect(Checkpoint.open(path)).rejects.toMatchObject({ code: 'NOT_A_CHECKPOINT' });
  });

  it('says why a file cannot be opened', async () => {
    await expect(Checkpoint.open(join(folder, 'no', 'such', 'file'))).rejects.toMatchObject({
      code: 'CHECKPOINT_FAILED',
      cause: { code: 'ENOENT' },
    });
  });
});
