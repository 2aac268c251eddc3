import { defineLoad } from '@needletail/load/scenario';
import { describe, expect, it } from 'vitest';
import { runLoad } from './run-load.ts';

describe('runLoad', () => {
  it('runs a definition in this process, where its functions and its application are', async () => {
    let served = 0;
    const seen: number[] = [];
    const { summary } = await runLoad(
      defineLoad({
        target: () => new Response(`${(served += 1)}`),
        load: { users: 2, duration: '30s' },
        async user({ http, iteration }) {
          seen.push(iteration);
          await http.get('/count');
        },
      }),
      { overrides: { iterations: 6 } },
    );
    expect(served).toBe(6);
    expect(seen.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(summary.ledger).toMatchObject({ scheduled: 6, ok: 6 });
  });

  it('rejects what is neither a plan nor a definition', async () => {
    await expect(runLoad(undefined as never)).rejects.toThrow(
      'Not a load definition: what was given is undefined (runLoad).',
    );
    await expect(
      runLoad({ target: 'http://h', user: () => undefined, laod: {} } as never),
    ).rejects.toThrow('"laod" is no setting of a definition (laod). Did you mean "load"?');
  });
});
