import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { App } from '../app/app.ts';
import type { JsonSchema } from './openapi-types.ts';
import { describeValid } from './valid-document.fixture.ts';

function ok(): string {
  return 'ok';
}

const accept = (value: unknown): { readonly value: unknown } => ({ value });

/** A schema of a library that describes itself by this, on both sides. */
function described(json: JsonSchema): z.ZodType {
  const jsonSchema = { input: () => json, output: () => json };
  return {
    '~standard': { version: 1, vendor: 'test', validate: accept, jsonSchema },
  } as unknown as z.ZodType;
}

function schemaOf(
  document: Awaited<ReturnType<typeof describeValid>>['document'],
  path: string,
): JsonSchema {
  return document.paths[path]!.get!.responses['200']!.content!['application/json']!.schema;
}

const User = z.object({ id: z.number(), name: z.string() });

describe('schemas used several times', () => {
  it('are written once, under the name of their first use', async () => {
    const app = new App();
    app.get('/users/:id', { response: User }, ok).get('/me', { response: User }, ok);
    const { document } = await describeValid(app);
    const reference = { $ref: '#/components/schemas/GetUsersByIdResponse' };
    expect(schemaOf(document, '/users/{id}')).toEqual(reference);
    expect(schemaOf(document, '/me')).toEqual(reference);
    expect(document.components?.schemas).toMatchObject({
      GetUsersByIdResponse: { type: 'object', required: ['id', 'name'] },
    });
    expect(Object.keys(document.components!.schemas!)).toHaveLength(1);
  });

  it('are called by their title where they have one', async () => {
    const app = new App();
    const Titled = User.meta({ title: 'User' });
    app.get('/a', { response: Titled }, ok).get('/b', { response: Titled }, ok);
    const { document } = await describeValid(app);
    expect(schemaOf(document, '/a')).toEqual({ $ref: '#/components/schemas/User' });
  });

  it('are one when they are equal, whoever made them', async () => {
    const app = new App();
    app.get('/a', { response: z.object({ x: z.string(), y: z.int() }) }, ok);
    app.get('/b', { response: z.object({ x: z.string(), y: z.int() }) }, ok);
    const { document } = await describeValid(app);
    expect(schemaOf(document, '/a')).toEqual(schemaOf(document, '/b'));
    expect(Object.keys(document.components!.schemas!)).toHaveLength(1);
  });

  it('stay where they are used when they are short, or used once', async () => {
    const app = new App();
    app.get('/a', { response: z.string() }, ok).get('/b', { response: z.string() }, ok);
    app.get('/c', { response: User }, ok);
    const { document } = await describeValid(app);
    expect(document.components).toBeUndefined();
    expect(schemaOf(document, '/a')).toMatchObject({ type: 'string' });
    expect(schemaOf(document, '/c')).toMatchObject({ type: 'object' });
  });
});

describe('schemas with an id', () => {
  const Named = User.meta({ id: 'Person' });

  it('are components under it, within others too', async () => {
    const app = new App();
    app.get('/people', { response: z.object({ people: z.array(Named) }) }, ok);
    app.get('/person', { response: Named }, ok);
    const { document, warnings } = await describeValid(app);
    const reference = { $ref: '#/components/schemas/Person' };
    expect(schemaOf(document, '/person')).toEqual(reference);
    expect(schemaOf(document, '/people')).toMatchObject({
      properties: { people: { type: 'array', items: reference } },
    });
    expect(Object.keys(document.components!.schemas!)).toEqual(['Person']);
    expect(warnings).toEqual([]);
  });

  it('are two where input and output differ', async () => {
    const app = new App();
    const WithDefault = z.object({ size: z.int().default(1) }).meta({ id: 'Page' });
    app.post('/a', { body: WithDefault, response: WithDefault }, ok);
    const { document } = await describeValid(app);
    const { Page, PageOutput, ...others } = document.components!.schemas!;
    expect(new Set([Page!['required'], PageOutput!['required']])).toEqual(
      new Set([undefined, ['size']]),
    );
    expect(others).toEqual({});
  });
});

describe('schemas that lead to themselves', () => {
  const Tree = z.object({
    value: z.number(),
    get children() {
      return z.array(Tree);
    },
  });

  it('are components, used once or not', async () => {
    const app = new App();
    app.get('/tree', { response: Tree }, ok);
    app.get('/forest', { response: z.object({ first: Tree, second: Tree }) }, ok);
    const { document } = await describeValid(app);
    expect(schemaOf(document, '/tree')).toEqual({ $ref: '#/components/schemas/GetTreeResponse' });
    expect(document.components?.schemas?.['GetTreeResponse']).toMatchObject({
      properties: { children: { items: { $ref: '#/components/schemas/GetTreeResponse' } } },
    });
  });

  it('can be parameters', async () => {
    const app = new App();
    app.get('/search', { query: described(TREE_QUERY) }, () => 'ok');
    const { document } = await describeValid(app);
    expect(document.paths['/search']?.get?.parameters).toEqual([
      { name: 'not', in: 'query', schema: { $ref: '#/components/schemas/GetSearchQuery' } },
    ]);
  });
});

const TREE_QUERY = { type: 'object', properties: { not: { $ref: '#' } } };

describe('references', () => {
  it('lead to definitions wherever they are, and what has the name of one is no reference', async () => {
    const app = new App();
    const json = {
      type: 'object',
      properties: {
        $ref: { type: 'string' },
        at: { $ref: '#/properties/deep/$defs/a~1b%20c' },
        deep: { $defs: { 'a/b c': { type: 'array', items: { $ref: '#/definitions/Old' } } } },
      },
      default: { $ref: '#/nowhere' },
      definitions: { Old: { type: 'integer' }, Unused: { type: 'null' } },
    };
    app.get('/a', { response: described(json) }, ok);
    const { document, warnings } = await describeValidLoosely(app);
    expect(warnings).toEqual([]);
    expect(schemaOf(document, '/a')).toEqual({
      type: 'object',
      properties: {
        $ref: { type: 'string' },
        at: { $ref: '#/components/schemas/a_b_c' },
        deep: {},
      },
      default: { $ref: '#/nowhere' },
    });
    expect(document.components?.schemas).toEqual({
      Old: { type: 'integer' },
      a_b_c: { type: 'array', items: { $ref: '#/components/schemas/Old' } },
    });
  });

  it('that lead nowhere are left open, with a warning', async () => {
    const app = new App();
    app.get('/a', { response: described({ type: 'array', items: { $ref: '#/$defs/Gone' } }) }, ok);
    const { document, warnings } = await describeValid(app);
    expect(schemaOf(document, '/a')).toEqual({ type: 'array', items: {} });
    expect(warnings).toMatchObject([{ message: '#/$defs/Gone leads nowhere in its schema' }]);
    expect(warnings[0]!.where).toContain('GET /a at ');
  });
});

/** Without the search for lost references, where one is data. */
async function describeValidLoosely(app: App): Promise<Awaited<ReturnType<typeof describeValid>>> {
  const { describeApp } = await import('./describe-app.ts');
  return describeApp(app, { info: { title: 'a', version: '1' } });
}

describe('schemas that do not describe themselves', () => {
  const bare = {
    '~standard': { version: 1, vendor: 'bare', validate: accept },
  } as unknown as z.ZodType;

  it('are described as anything, with a warning for each', async () => {
    const app = new App();
    app.post('/a', { body: bare, query: bare, response: z.object({ at: z.date() }) }, ok);
    const { document, warnings } = await describeValid(app);
    expect(document.paths['/a']?.post?.requestBody?.content).toEqual({
      'application/json': { schema: {} },
    });
    expect(warnings.map(({ message }) => message)).toEqual([
      'query is described as {}: it has no JSON Schema',
      'body is described as {}: it has no JSON Schema',
      'response 200 is described as {}: Date cannot be represented in JSON Schema',
    ]);
  });

  it('are described by toJsonSchema where it is given, which may fail too', async () => {
    const app = new App();
    app.post('/a', { body: bare, response: z.object({ at: z.date() }) }, ok);
    const asked: string[] = [];
    const { document, warnings } = await describeValid(app, {
      toJsonSchema(schema, side) {
        asked.push(side);
        if (schema !== (bare as object)) throw new Error('not mine');
        return { type: 'object', properties: { a: { type: 'string' } } };
      },
    });
    expect(asked).toEqual(['input', 'output']);
    expect(document.paths['/a']?.post?.requestBody?.content).toMatchObject({
      'application/json': { schema: { type: 'object' } },
    });
    expect(warnings).toMatchObject([{ message: expect.stringContaining('; not mine') }]);
  });
});
