import { describe, expect, it } from 'vitest';
import { disagreement, type AgreementTally } from './agreement.ts';

const SETS = 400;

describe('routers', () => {
  it('find the same for random routes and paths, and refuse the same routes', () => {
    const tally: AgreementTally = { compared: {}, excluded: {} };
    for (let index = 0; index < SETS; index += 1) expect(disagreement(1, index, tally)).toBeNull();
    for (const library of ['memoirist', 'find-my-way', 'rou3']) {
      expect(tally.compared[library]).toBeGreaterThan(SETS);
    }
  });
});
