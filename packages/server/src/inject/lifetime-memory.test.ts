import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { Container } from './container.ts';
import { RequestToken, token } from './token.ts';

const SCOPES = 100_000;

const Db = token<object>('db');
const Session = token<object>('session');
const Unit = token<object>('unit');

function sessions(): { container: Container; disposed: () => number } {
  let count = 0;
  const container = new Container()
    .provide(Db, { scope: 'singleton', create: async () => ({}) })
    .provide(Unit, { scope: 'transient', create: () => ({}), dispose: () => void (count += 1) })
    .provide(Session, {
      scope: 'request',
      needs: { db: Db, unit: Unit, request: RequestToken },
      create: ({ db, request }) => ({ db, request }),
      dispose: () => void (count += 1),
    });
  return { container, disposed: () => count };
}

describe('100,000 scopes', () => {
  it('are all closed and disposed of, and none is held', async () => {
    const { container, disposed } = sessions();
    const plan = container.compile({ session: Session }, 'test');
    await container.start();
    const held: WeakRef<object>[] = [];
    for (let request = 0; request < SCOPES; request += 1) {
      const scope = plan.open({ request });
      const values = await plan.resolve(scope);
      if (request % 1000 === 0) held.push(new WeakRef(values.session), new WeakRef(scope));
      await scope.close();
    }
    expect(disposed()).toBe(2 * SCOPES);
    expect(container.openScopes).toBe(0);
    await collected(held);
  });

  it('that end while their factories run are not held either', async () => {
    const release: (() => void)[] = [];
    let disposed = 0;
    const container = new Container().provide(Session, {
      scope: 'request',
      create: (_, { signal }) =>
        new Promise<object>((resolve) => {
          signal.addEventListener('abort', () => resolve({}));
          release.push(() => resolve({}));
        }),
      dispose: () => void (disposed += 1),
    });
    const plan = container.compile({ session: Session }, 'test');
    const held: WeakRef<object>[] = [];
    for (let request = 0; request < SCOPES / 50; request += 1) {
      const scope = plan.open({ request });
      const resolving = Promise.resolve(plan.resolve(scope)).catch(() => undefined);
      held.push(new WeakRef(scope));
      await scope.close();
      await resolving;
    }
    release.length = 0;
    expect(disposed).toBe(SCOPES / 50);
    await collected(held);
  });
});

/** Passes once nearly all are gone; the last ones may still be on the stack. */
async function collected(held: readonly WeakRef<object>[]): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const left = (): number => held.filter((each) => each.deref() !== undefined).length;
  for (let round = 0; round < 20 && left() > held.length / 50; round += 1) {
    // What was dereferenced is kept until the end of the job.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  expect(left()).toBeLessThanOrEqual(held.length / 50);
}
