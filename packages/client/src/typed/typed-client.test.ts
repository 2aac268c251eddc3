import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';
import { Client } from '../client.ts';
import { AbortedError, InvalidRequestError, StatusError } from '../errors.ts';
import { mock, type MockTransport } from '../transport/mock-transport.ts';
import { typedClient, type TypedClient } from './typed-client.ts';

/** As a server's type tells it: by structure alone. */
interface Shop {
  readonly '~routes': {
    readonly 'GET /users/:id': {
      readonly params: { readonly id: string };
      readonly query: undefined;
      readonly headers: undefined;
      readonly body: undefined;
      readonly response: { readonly id: string; readonly since: Date };
    };
    readonly 'GET /search': {
      readonly params: Record<never, never>;
      readonly query: { readonly q: string; readonly page?: number; readonly since?: Date };
      readonly headers: { readonly 'x-tenant': string };
      readonly body: undefined;
      readonly response: readonly { readonly name: string }[];
    };
    readonly 'GET /posts/:page?': {
      readonly params: { readonly page?: string };
      readonly query: undefined;
      readonly headers: undefined;
      readonly body: undefined;
      readonly response: string;
    };
    readonly 'POST /users': {
      readonly params: Record<never, never>;
      readonly query: undefined;
      readonly headers: undefined;
      readonly body: { readonly name: string };
      readonly response: undefined;
    };
    readonly 'PUT /files/*path': {
      readonly params: { readonly path: string };
      readonly query: undefined;
      readonly headers: undefined;
      readonly body: undefined;
      readonly response: Uint8Array | Response;
    };
    readonly 'PURGE /cache': {
      readonly params: Record<never, never>;
      readonly query: undefined;
      readonly headers: undefined;
      readonly body: undefined;
      readonly response: number;
    };
  };
}

let transport: MockTransport;
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

function shop(answers: Parameters<typeof mock>[0]): TypedClient<Shop> {
  transport = mock(answers);
  const client = new Client({ baseUrl: 'http://shop.test/v1', transport });
  clients.push(client);
  return typedClient<Shop>(client);
}

describe('typedClient', () => {
  it('calls a route by its pattern and gives the body as it arrives', async () => {
    const api = shop({ 'GET /v1/users/:id': { json: { id: 'a/b', since: '1970' } } });
    const user = await api.get('/users/:id', { params: { id: 'a/b' } });
    expectTypeOf(user).toEqualTypeOf<{ readonly id: string; readonly since: string }>();
    expect(user).toEqual({ id: 'a/b', since: '1970' });
    expect(transport.calls[0]!.url).toBe('http://shop.test/v1/users/a%2Fb');
  });

  it('sends query, headers and a body by their schemas', async () => {
    const api = shop({ 'GET /v1/search': { json: [] }, 'POST /v1/users': { status: 204 } });
    await api.get('/search', {
      query: { q: 'a b', since: new Date(0) },
      headers: { 'x-tenant': 't', 'x-more': 'm' },
    });
    const [search] = transport.calls;
    expect(search!.url).toBe('http://shop.test/v1/search?q=a+b&since=1970-01-01T00%3A00%3A00.000Z');
    expect(search!.headers.get('x-tenant')).toBe('t');
    const made = await api.post('/users', { body: { name: 'Ada' } });
    expectTypeOf(made).toEqualTypeOf<undefined>();
    expect(made).toBeUndefined();
    expect(transport.calls[1]!.json()).toEqual({ name: 'Ada' });
    await api.post('/users', { body: { name: 'Ada' }, bodyAs: 'form' });
    expect(transport.calls[2]!.text()).toBe('name=Ada');
  });

  it('gives text, bytes and nothing by their Content-Type', async () => {
    const api = shop({
      'GET /v1/posts': { text: '' },
      'GET /v1/posts/:page': { text: 'second' },
      'PUT /v1/files/*': { body: Buffer.from([1, 2]), headers: { 'content-type': 'image/png' } },
    });
    expect(await api.get('/posts/:page?')).toBe('');
    expect(await api.get('/posts/:page?', { params: { page: 2 } })).toBe('second');
    const file = await api.put('/files/*path', { params: { path: 'a/b' }, body: 'anything' });
    expectTypeOf(file).toEqualTypeOf<unknown>();
    expect(file).toEqual(Buffer.from([1, 2]));
  });

  it('rejects with StatusError for what is not 2xx, which respond gives', async () => {
    const api = shop({ 'GET /v1/users/:id': { status: 404, json: { title: 'nobody' } } });
    const error = await api
      .get('/users/:id', { params: { id: '7' } })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StatusError);
    expect((error as StatusError).response.json()).toEqual({ title: 'nobody' });
    const response = await api.respond('GET /users/:id', { params: { id: '7' } });
    expect(response.status).toBe(404);
  });

  it('calls routes of any method by their name', async () => {
    const api = shop({ 'PURGE /v1/cache': { json: 3 } });
    const count = await api.call('PURGE /cache');
    expectTypeOf(count).toEqualTypeOf<number>();
    expect(count).toBe(3);
  });

  it('passes on options of the call', async () => {
    const api = shop({ 'GET /v1/users/:id': { json: {} } });
    const call = api.get('/users/:id', { params: { id: '7' }, signal: AbortSignal.abort() });
    await expect(call).rejects.toThrow(AbortedError);
  });

  it('rejects, before anything is sent, for parameters that lead elsewhere', async () => {
    const api = shop({});
    await expect(api.get('/users/:id', { params: { id: '..' } })).rejects.toThrow(
      InvalidRequestError,
    );
    const nested = { q: 'a', page: { size: 1 } as unknown as number };
    const search = api.get('/search', { query: nested, headers: { 'x-tenant': 't' } });
    await expect(search).rejects.toThrow(/query\.page/);
    expect(transport.calls).toHaveLength(0);
  });
});

describe('url', () => {
  it('is path and query of a route', () => {
    const api = shop({});
    expect(api.url('GET /users/:id', { params: { id: 'ä' }, query: { a: [1, 2] } })).toBe(
      '/users/%C3%A4?a=1&a=2',
    );
    expect(api.url('GET /search', { query: { q: '&' } })).toBe('/search?q=%26');
    expect(api.url('GET /posts/:page?')).toBe('/posts');
  });
});

// Checked by the compiler (`npm run types`); never run.
function refusedByTheCompiler(
  api: TypedClient<Shop>,
  none: TypedClient<{ '~routes': object }>,
): void {
  // @ts-expect-error no such path
  void api.get('/nowhere');
  // @ts-expect-error not with this method
  void api.post('/users/:id', { params: { id: '7' } });
  // @ts-expect-error params are missing
  void api.get('/users/:id');
  // @ts-expect-error one of them is
  void api.get('/users/:id', { params: {} });
  // @ts-expect-error another name
  void api.get('/users/:id', { params: { id: '7', nme: 'x' } });
  // @ts-expect-error there are none
  void api.post('/users', { params: { id: '7' }, body: { name: 'x' } });
  // @ts-expect-error the body is missing
  void api.post('/users');
  // @ts-expect-error of another type
  void api.post('/users', { body: { name: 7 } });
  // @ts-expect-error the query is missing
  void api.get('/search', { headers: { 'x-tenant': 't' } });
  // @ts-expect-error of another type
  void api.get('/search', { query: { q: 7 }, headers: { 'x-tenant': 't' } });
  // @ts-expect-error a header is missing
  void api.get('/search', { query: { q: 'x' }, headers: {} });
  // @ts-expect-error no such option
  void api.get('/users/:id', { params: { id: '7' }, timout: 5 });
  // @ts-expect-error no such route
  void api.call('GET /nowhere');
  // @ts-expect-error params are missing
  void api.url('GET /users/:id');
  // @ts-expect-error an application without routes has none to call
  void none.get('/');
}
expectTypeOf(refusedByTheCompiler).toBeFunction();
