import { type } from 'arktype';
import * as v from 'valibot';
import { assertType, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseCookies } from '../input/cookies.ts';
import { requestWith } from '../input/memory-request.fixture.ts';
import { parseQuery } from '../input/query.ts';
import { compileInput, type InputReader, type InputSource } from './compile-input.ts';
import { InputError } from './input-error.ts';
import type { StandardSchema } from './standard-schema.ts';

interface Sent {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly cookies?: string;
  readonly body?: string | Uint8Array;
}

function sourceOf({ params = {}, query = '', fields = {}, cookies = '', body }: Sent): InputSource {
  return {
    params: () => params,
    query: () => parseQuery(query),
    cookies: () => parseCookies(cookies),
    ...requestWith(body === undefined ? [] : [body], fields),
  };
}

/** What is thrown at once is a rejection too. */
async function readBy(reader: InputReader, source: InputSource): Promise<unknown> {
  return reader.read(source);
}

const JSON_FIELDS = { 'Content-Type': 'application/json' };

async function refusal(reader: InputReader | null, sent: Sent): Promise<InputError> {
  try {
    await reader!.read(sourceOf(sent));
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('Nothing was refused');
}

/** `{ items: [{ a: number }] }`, in the words of four makers. */
const ITEMS: Readonly<Record<string, StandardSchema>> = {
  zod: z.object({ items: z.array(z.object({ a: z.number() })) }),
  valibot: v.object({ items: v.array(v.object({ a: v.number() })) }),
  arktype: type({ items: type({ a: 'number' }).array() }),
  'a hand': {
    '~standard': {
      version: 1,
      vendor: 'hand',
      validate(value) {
        const { items } = value as { items: { a: unknown }[] };
        const at = items.findIndex(({ a }) => typeof a !== 'number');
        if (at === -1) return { value };
        return { issues: [{ message: 'Expected a number', path: ['items', { key: at }, 'a'] }] };
      },
    },
  },
};

describe('compileInput', () => {
  it('gives null where there are no schemas', () => {
    expect(compileInput({})).toBeNull();
  });

  it.each(Object.entries(ITEMS))(
    'tells place, path and pointer of a schema by %s',
    async (_, body) => {
      const reader = compileInput({ body })!;
      const good = sourceOf({ fields: JSON_FIELDS, body: '{"items":[{"a":1}]}' });
      expect((await reader.read(good)).body).toEqual({ items: [{ a: 1 }] });
      const error = await refusal(reader, { fields: JSON_FIELDS, body: '{"items":[{"a":"1"}]}' });
      expect(error.errors).toEqual([
        {
          in: 'body',
          path: '$.items[0].a',
          pointer: '/items/0/a',
          message: expect.stringMatching(/number/i) as unknown,
        },
      ]);
    },
  );

  it('gives what the schemas made of each place, typed', () => {
    const reader = compileInput({
      params: z.object({ id: z.coerce.number() }),
      query: z.object({ page: z.coerce.number().default(1), tag: z.array(z.string()) }),
      headers: v.object({ 'x-trace': v.string() }),
      cookies: v.object({ sid: v.string() }),
    })!;
    const valid = reader.read(
      sourceOf({
        params: { id: '7' },
        query: 'tag=a&tag=b',
        fields: { 'X-Trace': 'abc', Host: 'x' },
        cookies: 'sid=1; other=2',
      }),
    );
    if (valid instanceof Promise) throw new Error('Synchronous schemas gave a promise');
    assertType<number>(valid.params.id);
    assertType<{ page: number; tag: string[] }>(valid.query);
    assertType<undefined>(valid.body);
    expect(valid).toEqual({
      params: { id: 7 },
      query: { page: 1, tag: ['a', 'b'] },
      headers: { 'x-trace': 'abc' },
      cookies: { sid: '1' },
      body: undefined,
    });
  });

  it('asks for no place that has no schema', () => {
    const refuse = (): never => {
      throw new Error('Asked for');
    };
    const source = { ...sourceOf({ params: { id: '1' } }), query: refuse, cookies: refuse };
    const reader = compileInput({ params: z.object({ id: z.string() }) })!;
    expect(reader.readsBody).toBe(false);
    expect(reader.read(source)).toMatchObject({ params: { id: '1' } });
  });

  it('collects what is wrong in all places into one error', async () => {
    const later = z.string().refine(() => Promise.resolve(false), 'is taken');
    const reader = compileInput({
      params: z.object({ id: z.coerce.number() }),
      query: z.object({ name: later }),
      cookies: v.object({ sid: v.string() }),
      body: z.object({ 'a/b': z.object({ 'x y': z.string() }) }),
    });
    const error = await refusal(reader, {
      params: { id: 'x' },
      query: 'name=n',
      fields: JSON_FIELDS,
      body: '{"a/b":{"x y":1}}',
    });
    const places = error.errors.map((fault) => [fault.in, fault.path, fault.pointer]);
    expect(places.toSorted(([one = ''], [other = '']) => one.localeCompare(other))).toEqual([
      ['body', '$["a/b"]["x y"]', '/a~1b/x y'],
      ['cookies', '$.sid', '/sid'],
      ['params', '$.id', '/id'],
      ['query', '$.name', '/name'],
    ]);
    expect(error).toMatchObject({ status: 422, code: 'INVALID_INPUT' });
    expect(error.detail).toMatch(/ \(and 3 more\)$/);
    expect(error.options.members).toEqual({ errors: error.errors });
  });

  it('lists a hundred faults, and counts the others', async () => {
    const reader = compileInput({ body: z.array(z.number()) });
    const body = JSON.stringify(Array.from({ length: 5000 }, () => 'x'));
    const error = await refusal(reader, { fields: JSON_FIELDS, body });
    expect(error.errors).toHaveLength(100);
    expect(error.detail).toMatch(/\(and 4999 more\)$/);
  });

  it('waits for asynchronous schemas', async () => {
    const slow = z.object({ id: z.string().refine((id) => Promise.resolve(id === '1')) });
    const reader = compileInput({ params: slow })!;
    expect(await reader.read(sourceOf({ params: { id: '1' } }))).toMatchObject({
      params: { id: '1' },
    });
    expect((await refusal(reader, { params: { id: '2' } })).errors).toHaveLength(1);
  });

  it('reports a schema that throws as a fault of the program', async () => {
    const thrower = (validate: () => never | Promise<never>): StandardSchema => ({
      '~standard': { version: 1, vendor: 'hand', validate },
    });
    const cause = new Error('no database');
    const reader = compileInput(
      {
        query: thrower(() => {
          throw cause;
        }),
      },
      { where: 'GET /items' },
    )!;
    expect(() => reader.read(sourceOf({}))).toThrow(
      expect.objectContaining({ code: 'SCHEMA_THREW', cause }) as Error,
    );
    const later = compileInput({ query: thrower(() => Promise.reject(cause)) })!;
    await expect(later.read(sourceOf({}))).rejects.toMatchObject({ code: 'SCHEMA_THREW', cause });
  });
});

describe('compileInput, bodies', () => {
  const anything: StandardSchema = {
    '~standard': { version: 1, vendor: 'hand', validate: (value) => ({ value }) },
  };
  const reader = compileInput({ body: anything })!;

  it.each<[string, string, unknown]>([
    ['application/json', '{"a":1}', { a: 1 }],
    ['application/merge-patch+json', '[1]', [1]],
    ['text/plain', 'hello', 'hello'],
    ['text/csv; charset=utf-8', 'a,b', 'a,b'],
  ])('reads %s', async (type, body, expected) => {
    const source = sourceOf({ fields: { 'Content-Type': type }, body });
    expect((await reader.read(source)).body).toEqual(expected);
  });

  it('gives no promise for JSON that is all here', () => {
    const source = sourceOf({ fields: JSON_FIELDS, body: '{"a":1}' });
    expect(reader.read(source)).toMatchObject({ body: { a: 1 } });
  });

  it('reads a form', async () => {
    const fields = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const { body } = await reader.read(sourceOf({ fields, body: 'a=1&a=2' }));
    expect(Object.entries(body as object)).toEqual([['a', ['1', '2']]]);
  });

  it('reads a multipart form, with files that schemas know', async () => {
    const form = compileInput({
      body: z.object({ title: z.string(), photo: z.file().mime('image/png').max(10) }),
    })!;
    const data = new FormData();
    data.append('title', 'a');
    data.append('photo', new Blob(['12345678'], { type: 'image/png' }), 'p.png');
    const written = new Response(data);
    const fields = { 'Content-Type': written.headers.get('content-type')! };
    const body = Buffer.from(await written.arrayBuffer());
    const valid = await form.read(sourceOf({ fields, body }));
    assertType<File>(valid.body.photo);
    expect([valid.body.title, valid.body.photo.name, valid.body.photo.size]).toEqual([
      'a',
      'p.png',
      8,
    ]);
    data.set('photo', new Blob(['12345678901'], { type: 'text/plain' }), 'p.txt');
    const other = new Response(data);
    const error = await refusal(form, {
      fields: { 'Content-Type': other.headers.get('content-type')! },
      body: Buffer.from(await other.arrayBuffer()),
    });
    expect(error.errors.map(({ path }) => path)).toEqual(['$.photo', '$.photo']);
  });

  it.each(['application/xml', 'image/png', ''])(
    'refuses %j with the types it takes',
    async (type) => {
      const failed = readBy(reader, sourceOf({ fields: { 'Content-Type': type }, body: 'x' }));
      await expect(failed).rejects.toMatchObject({
        status: 415,
        options: { headers: { Accept: expect.stringContaining('application/json') as string } },
      });
    },
  );

  it('refuses types that the route does not take', async () => {
    const strict = compileInput({ body: anything }, { accept: ['json'] })!;
    const failed = readBy(
      strict,
      sourceOf({ fields: { 'Content-Type': 'text/plain' }, body: 'x' }),
    );
    await expect(failed).rejects.toMatchObject({
      status: 415,
      options: { headers: { Accept: 'application/json' } },
    });
  });

  it('leaves it to the schema whether a body may be missing', async () => {
    const optional = compileInput({ body: z.object({ a: z.string() }).optional() })!;
    const empty: InputSource = {
      ...sourceOf({}),
      body: { ...sourceOf({}).body, length: 0 },
    };
    expect((await optional.read(empty)).body).toBeUndefined();
    const needed = compileInput({ body: z.object({ a: z.string() }) })!;
    await expect(readBy(needed, empty)).rejects.toMatchObject({ status: 422 });
  });

  it('tells a body that cannot be read before what schemas find', async () => {
    const both = compileInput({ body: anything, params: z.object({ id: z.string() }) })!;
    const failed = readBy(both, sourceOf({ fields: JSON_FIELDS, body: '{' }));
    await expect(failed).rejects.toMatchObject({ status: 400, code: 'BAD_JSON' });
  });

  it('refuses poisoned names before a schema sees them', async () => {
    const failed = readBy(reader, sourceOf({ fields: JSON_FIELDS, body: '{"__proto__":{}}' }));
    await expect(failed).rejects.toMatchObject({ status: 400, code: 'BAD_JSON' });
  });
});
