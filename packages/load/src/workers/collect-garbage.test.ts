import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { collectGarbage } from './collect-garbage.ts';

describe('collectGarbage', () => {
  it('collects what is no longer used, at once', async () => {
    const unused = new WeakRef({ left: 'by starting up' });
    // A WeakRef keeps its object until the turn of the event loop that made it is over.
    await nextTurn();
    collectGarbage();
    expect(unused.deref()).toBeUndefined();
  });
});
