import { describe, expect, it } from 'vitest';
import { token } from '../inject/token.ts';
import { App } from './app.ts';

interface Database {
  find(id: string): Promise<string>;
}
const Db = token<Database>('db');
const Session = token<{ readonly user: string }>('session');

describe('app.provide()', () => {
  it('gives handlers what they ask for, and disposes of it when the request is over', async () => {
    const events: string[] = [];
    const app = new App()
      .provide(Db, {
        scope: 'singleton',
        create: async () => ({ find: async (id) => `row ${id}` }),
        dispose: () => void events.push('db closed'),
      })
      .provide(Session, {
        scope: 'request',
        needs: { db: Db },
        create: async ({ db }) => ({ user: await db.find('s') }),
        dispose: () => void events.push('session closed'),
      })
      .get('/users/:id', { inject: { db: Db } }, (c) => c.injected.db.find(c.params.id))
      .get('/me', { inject: { session: Session } }, (c) => c.injected.session.user);
    expect((await app.inject('/users/7')).text()).toBe('row 7');
    expect(events).toEqual([]);
    expect((await app.inject('/me')).text()).toBe('row s');
    expect(events).toEqual(['session closed']);
    await app.close();
    expect(events).toEqual(['session closed', 'db closed']);
  });

  it('refuses to start without a provider, and names the route', async () => {
    const app = new App().get('/x', { inject: { db: Db } }, () => 'x');
    await expect(app.ready()).rejects.toMatchObject({ code: 'MISSING_PROVIDER' });
    await expect(app.ready()).rejects.toThrow(/GET \/x at app-inject\.test\.ts:\d+/);
  });
});

describe('app.override()', () => {
  it('puts a fake in place of what a test must not touch', async () => {
    const app = new App()
      .provide(Db, {
        scope: 'singleton',
        create: () => {
          throw new Error('the real one');
        },
      })
      .get('/x', { inject: { db: Db } }, (c) => c.injected.db.find('1'));
    app.override(Db, { value: { find: async () => 'fake' } });
    expect((await app.inject('/x')).text()).toBe('fake');
  });
});
