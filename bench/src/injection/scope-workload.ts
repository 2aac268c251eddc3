// One request: a scope with the request's own value in it, from which a session and what it is made of are taken, and which is
// closed. The session needs a singleton and the request; it is disposed of.
import { Container, RequestToken, token } from '@needletail/server/inject';
import { asFunction, asValue, createContainer } from 'awilix';
import { createInjector, Scope } from 'typed-inject';

interface Database {
  readonly name: string;
}

interface Session {
  readonly text: string;
}

/** Serves request after request; the answer of each is a text, so that the rivals can be held against each other. */
export interface ScopeContender {
  readonly name: string;
  /** `closed` is called once for each session that is disposed of. */
  make(closed: () => void): (id: number) => Promise<string>;
}

function sessionOf(db: Database, id: number): Session {
  return { text: `${db.name} ${id}` };
}

const database: Database = { name: 'db' };

const needletail: ScopeContender = {
  name: 'needletail',
  make(closed) {
    const Db = token<Database>('db');
    const Current = token<Session>('session');
    const container = new Container()
      .provide(Db, { scope: 'singleton', create: () => database })
      .provide(Current, {
        scope: 'request',
        needs: { db: Db, request: RequestToken },
        create: ({ db, request }) => sessionOf(db, request as unknown as number),
        dispose: closed,
      });
    const plan = container.compile({ session: Current }, 'bench');
    return async (id) => {
      const scope = plan.open(id);
      const { session } = await plan.resolve(scope);
      await scope.close();
      return session.text;
    };
  },
};

const typedInject: ScopeContender = {
  name: 'typed-inject 5',
  make(closed) {
    const create = (db: Database, id: number): Session & { dispose(): void } => ({
      ...sessionOf(db, id),
      dispose: closed,
    });
    create.inject = ['db', 'id'] as const;
    const root = createInjector().provideFactory('db', () => database, Scope.Singleton);
    return async (id) => {
      const scope = root.createChildInjector();
      const { text } = scope
        .provideValue('id', id)
        .provideFactory('session', create, Scope.Singleton)
        .resolve('session');
      await scope.dispose();
      return text;
    };
  },
};

const awilix: ScopeContender = {
  name: 'awilix 13',
  make(closed) {
    const root = createContainer<{ db: Database; id: number; session: Session }>();
    root.register({
      db: asFunction(() => database).singleton(),
      session: asFunction(({ db, id }: { db: Database; id: number }) => sessionOf(db, id))
        .scoped()
        .disposer(closed),
    });
    return async (id) => {
      const scope = root.createScope();
      scope.register({ id: asValue(id) });
      const { text } = scope.resolve('session');
      await scope.dispose();
      return text;
    };
  },
};

export const SCOPE_CONTENDERS: readonly ScopeContender[] = [needletail, typedInject, awilix];
