import {
  appTransport,
  Client,
  StatusError,
  typedClient,
  type TypedClient,
} from '@needletail/client';
import { App, HttpError, json } from '@needletail/server';
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';

/** A Standard Schema of this type that accepts everything. */
interface Anything<Value> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => { readonly value: Value };
    readonly types?: { readonly input: Value; readonly output: Value };
  };
}

function anything<Value>(): Anything<Value> {
  const validate = (value: unknown): { readonly value: Value } => ({ value: value as Value });
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

/** An application that was closed listens no more: each test has its own. */
const makeApp = () =>
  new App()
    .get('/users/:id', (c) => ({ id: c.params.id, since: new Date(0) }))
    .get('/users/:id/posts/:page?', (c) => ({ page: c.params.page ?? 'first' }))
    .get('/files/*path', (c) => c.params.path)
    .get('/search', { query: anything<{ q: string; page?: string }>() }, (c) => [
      c.query.q,
      c.query.page,
    ])
    .post('/users', { body: anything<{ name: string }>() }, (c) => ({
      greeting: `Hello ${c.body.name}`,
    }))
    .put('/made', { response: anything<{ id: number }>() }, () => ({ id: 1 }))
    .put('/opaque', () => json({ id: 1 }, { status: 201 }))
    .delete('/users/:id', () => undefined)
    .patch('/bytes', () => new Uint8Array([1, 2]))
    .get('/refused', () => {
      throw new HttpError(409, 'Not now.');
    });

type Api = ReturnType<typeof makeApp>;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const ways: readonly (readonly [name: string, open: () => Promise<TypedClient<Api>>])[] = [
  [
    'over the network',
    async () => {
      const listening = await makeApp().listen();
      const client = new Client({ baseUrl: `http://127.0.0.1:${listening.port}` });
      closing.push(
        () => listening.close(),
        () => client.close(),
      );
      return typedClient<Api>(client);
    },
  ],
  [
    'in the same process',
    async () => {
      const client = new Client({ baseUrl: 'http://app.test', transport: appTransport(makeApp()) });
      closing.push(() => client.close());
      return typedClient<Api>(client);
    },
  ],
];

describe.each(ways)('typedClient of an application, %s', (_, open) => {
  it('gives JSON with the types it arrives with', async () => {
    const api = await open();
    const user = await api.get('/users/:id', { params: { id: 'a/b c' } });
    expectTypeOf(user).toEqualTypeOf<{ id: string; since: string }>();
    expect(user).toEqual({ id: 'a/b c', since: '1970-01-01T00:00:00.000Z' });
  });

  it('has optional parameters and wildcards', async () => {
    const api = await open();
    const first = await api.get('/users/:id/posts/:page?', { params: { id: '7' } });
    expectTypeOf(first).toEqualTypeOf<{ page: string }>();
    expect(first).toEqual({ page: 'first' });
    const params = { id: '7', page: 2 };
    expect(await api.get('/users/:id/posts/:page?', { params })).toEqual({ page: '2' });
    const path = await api.get('/files/*path', { params: { path: 'ü/b c/%2F' } });
    expectTypeOf(path).toEqualTypeOf<string>();
    expect(path).toBe('ü/b c/%2F');
  });

  it('sends queries and bodies by their schemas', async () => {
    const api = await open();
    const found = await api.get('/search', { query: { q: 'a&b' } });
    expectTypeOf(found).toEqualTypeOf<(string | null)[]>();
    expect(found).toEqual(['a&b', null]);
    const made = await api.post('/users', { body: { name: 'Ada' } });
    expectTypeOf(made).toEqualTypeOf<{ greeting: string }>();
    expect(made).toEqual({ greeting: 'Hello Ada' });
  });

  it('knows answers by the schema of the response, and not by a reply', async () => {
    const api = await open();
    expectTypeOf(await api.put('/made')).toEqualTypeOf<{ id: number }>();
    const opaque = await api.put('/opaque');
    expectTypeOf(opaque).toEqualTypeOf<unknown>();
    expect(opaque).toEqual({ id: 1 });
  });

  it('gives undefined without a body, and bytes', async () => {
    const api = await open();
    const nothing = await api.delete('/users/:id', { params: { id: '7' } });
    expectTypeOf(nothing).toEqualTypeOf<undefined>();
    expect(nothing).toBeUndefined();
    const bytes = await api.patch('/bytes');
    expectTypeOf(bytes).toEqualTypeOf<Buffer>();
    expect([...bytes]).toEqual([1, 2]);
  });

  it('rejects with the answer for what is not 2xx', async () => {
    const api = await open();
    const error = await api.get('/refused').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StatusError);
    const { status } = (error as StatusError).response;
    expect(status).toBe(409);
  });
});

// Checked by the compiler (`npm run types`); never run.
function refusedByTheCompiler(api: TypedClient<Api>): void {
  // @ts-expect-error no such path
  void api.get('/user/:id', { params: { id: '7' } });
  // @ts-expect-error params are missing
  void api.get('/users/:id');
  // @ts-expect-error the body is missing
  void api.post('/users');
  // @ts-expect-error of another type
  void api.post('/users', { body: { name: 7 } });
  // @ts-expect-error the query is missing
  void api.get('/search');
}
expectTypeOf(refusedByTheCompiler).toBeFunction();
