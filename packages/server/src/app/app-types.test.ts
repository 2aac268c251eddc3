import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import { token } from '../inject/token.ts';
import { App } from './app.ts';
import type { AnyContext } from './middleware.ts';
import { middleware } from './middleware.ts';

const Db = token<{ readonly find: (id: string) => string }>('db');
const user = middleware<{ user: { name: string } }>((c, next) => {
  c.locals.user = { name: 'ada' };
  return next();
});

describe('the types of an application', () => {
  it('know parameters, state and locals', () => {
    const app = new App({ state: { startedAt: 1 } }).use(user);
    app.get('/orgs/:org/files/*path', (c) => {
      expectTypeOf(c.params).toEqualTypeOf<{ readonly org: string; readonly path: string }>();
      expectTypeOf(c.state.startedAt).toEqualTypeOf<number>();
      expectTypeOf(c.locals.user.name).toEqualTypeOf<string>();
      // @ts-expect-error there is no such parameter
      return c.params.id;
    });
    const group = app.group('/teams/:team');
    group.get('/users/:id', (c) => {
      expectTypeOf(c.params.team).toEqualTypeOf<string>();
      expectTypeOf(c.params.id).toEqualTypeOf<string>();
      expectTypeOf(c.locals.user.name).toEqualTypeOf<string>();
    });
  });

  it('know the locals of all middleware given at once', () => {
    const team = middleware<{ team: number }>((_, next) => next());
    new App()
      .use(user, (c, next) => (c.path === '/' ? next() : null), team)
      .get('/', (c) => {
        expectTypeOf(c.locals.user.name).toEqualTypeOf<string>();
        expectTypeOf(c.locals.team).toEqualTypeOf<number>();
        // @ts-expect-error none of them leaves it
        return c.locals.session;
      });
  });

  it('know what schemas make of the input, and what is injected', () => {
    const schemas = {
      params: z.object({ id: z.coerce.number() }),
      query: z.object({ page: z.coerce.number().default(1) }),
      body: z.object({ name: z.string() }),
      inject: { db: Db },
    };
    new App().post('/users/:id', schemas, (c) => {
      expectTypeOf(c.params.id).toEqualTypeOf<number>();
      expectTypeOf(c.query.page).toEqualTypeOf<number>();
      expectTypeOf(c.body).toEqualTypeOf<{ name: string }>();
      expectTypeOf(c.injected.db.find).returns.toEqualTypeOf<string>();
      // @ts-expect-error it was not asked for
      return c.injected.cache;
    });
    new App().post('/plain', (c) => {
      expectTypeOf(c.body).toEqualTypeOf<undefined>();
    });
  });

  it('carry the routes for a typed client', () => {
    const app = new App()
      .get('/users/:id', (c) => ({ id: c.params.id }))
      .post('/users', { body: z.object({ name: z.string() }) }, async () => ({ made: true }));
    type Routes = (typeof app)['~routes'];
    expectTypeOf<Routes['GET /users/:id']['params']>().toEqualTypeOf<{ readonly id: string }>();
    expectTypeOf<Routes['GET /users/:id']['response']>().toEqualTypeOf<{ id: string }>();
    expectTypeOf<Routes['POST /users']['body']>().toEqualTypeOf<{ name: string }>();
    expectTypeOf<Routes['POST /users']['response']>().toEqualTypeOf<{ made: boolean }>();
  });

  it('let handlers be written apart', () => {
    const show = (c: AnyContext): string => c.path;
    new App().get('/a', show).use(show);
  });
});
