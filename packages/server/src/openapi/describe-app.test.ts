import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { App } from '../app/app.ts';
import { describeApp } from './describe-app.ts';
import { OpenApiError } from './openapi-error.ts';
import { describeValid, INFO } from './valid-document.fixture.ts';

const User = z.object({ id: z.number(), name: z.string().min(1) });

function ok(): string {
  return 'ok';
}

describe('describeApp', () => {
  it('describes an application without routes', () => {
    const { document, warnings } = describeApp(new App(), { info: INFO });
    expect(document).toEqual({ openapi: '3.1.1', info: INFO, paths: {} });
    expect(warnings).toEqual([]);
  });

  it('describes parameters, bodies and responses by their schemas', async () => {
    const app = new App();
    app.post(
      '/users/:id(\\d+)/tags',
      {
        params: z.object({ id: z.coerce.number().describe('Of the user') }),
        query: z.object({ dry: z.boolean().optional(), tag: z.array(z.string()) }),
        headers: z.object({ 'x-trace': z.string(), authorization: z.string() }),
        cookies: z.object({ session: z.string().optional() }),
        body: z.object({ name: z.string() }),
        response: User,
        responses: { 201: z.object({ location: z.url() }), 204: z.undefined().or(z.null()) },
        summary: 'Tags a user',
        description: 'At *once*.',
        tags: ['users'],
        deprecated: true,
        operationId: 'tagUser',
      },
      ok,
    );
    const { document } = await describeValid(app);
    const operation = document.paths['/users/{id}/tags']?.post;
    expect(operation).toMatchObject({
      operationId: 'tagUser',
      summary: 'Tags a user',
      description: 'At *once*.',
      tags: ['users'],
      deprecated: true,
      parameters: [
        {
          name: 'id',
          in: 'path',
          required: true,
          description: 'Of the user',
          schema: { type: 'number' },
        },
        { name: 'dry', in: 'query', schema: { type: 'boolean' } },
        { name: 'tag', in: 'query', required: true, schema: { type: 'array' } },
        { name: 'x-trace', in: 'header', required: true, schema: { type: 'string' } },
        { name: 'session', in: 'cookie', schema: { type: 'string' } },
      ],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { properties: { name: { type: 'string' } } } } },
      },
    });
    expect(Object.keys(operation!.responses)).toEqual(['200', '201', '204', '422']);
    expect(operation!.responses['204']).toEqual({ description: 'No Content' });
    expect(operation!.responses['200']!.content!['application/json']!.schema).toMatchObject({
      properties: { id: { type: 'number' } },
    });
    expect(operation!.responses['422']!.content).toHaveProperty('application/problem+json');
  });

  it('describes what the pattern says where there is no schema', async () => {
    const app = new App();
    app.get('/files/:kind(png|jpg)/*path', ok).get('/any/*', ok);
    const { document } = await describeValid(app);
    expect(document.paths['/files/{kind}/{path}']?.get?.parameters).toEqual([
      {
        name: 'kind',
        in: 'path',
        required: true,
        schema: { type: 'string', pattern: '^(?:png|jpg)$' },
      },
      {
        name: 'path',
        in: 'path',
        required: true,
        description: 'The rest of the path: slashes are part of it, and it may be empty.',
        schema: { type: 'string' },
      },
    ]);
    expect(document.paths['/any/{rest}']?.get?.responses).toEqual({ 200: { description: 'OK' } });
  });

  it('makes two paths of an optional parameter', async () => {
    const app = new App();
    app.get('/posts/:page?', { operationId: 'listPosts' }, ok);
    app.get('/:lang?', ok);
    const { document } = await describeValid(app);
    expect(Object.keys(document.paths)).toEqual(['/posts/{page}', '/posts', '/{lang}', '/']);
    expect(document.paths['/posts/{page}']?.get?.operationId).toBe('listPosts');
    expect(document.paths['/posts']?.get?.operationId).toBe('listPostsGetPosts');
    expect(document.paths['/posts']?.get?.parameters).toBeUndefined();
  });

  it('encodes text of a path as it is sent', async () => {
    const app = new App();
    app.get('/a%20b/%7Bx%7D/c:d/ü', ok);
    const { document } = await describeValid(app);
    expect(Object.keys(document.paths)).toEqual(['/a%20b/%7Bx%7D/c:d/%C3%BC']);
  });

  it('takes paths that differ by names only for one, as OpenAPI does', async () => {
    const app = new App();
    app.get('/users/:id', ok).delete('/users/:name', { params: z.object({ name: z.uuid() }) }, ok);
    const { document } = await describeValid(app);
    expect(Object.keys(document.paths)).toEqual(['/users/{id}']);
    expect(document.paths['/users/{id}']?.delete?.parameters).toMatchObject([
      { name: 'id', in: 'path', schema: { format: 'uuid' } },
    ]);
  });

  it('leaves out, with a warning, what OpenAPI cannot tell apart or does not know', async () => {
    const app = new App();
    app.get('/users/:id(\\d+)', ok).get('/users/:slug', ok).route('PURGE', '/cache', {}, ok);
    const { document, warnings } = await describeValid(app);
    expect(Object.keys(document.paths)).toEqual(['/users/{id}']);
    expect(warnings.map(({ message }) => message)).toEqual([
      'left out: OpenAPI 3.1 has no method PURGE',
      expect.stringContaining(
        'left out: OpenAPI cannot tell /users/{slug} from GET /users/:id(\\d+)',
      ),
    ]);
    expect(warnings[0]!.where).toContain('PURGE /cache at ');
  });

  it('leaves out hidden routes, and tells scopes by their tags', async () => {
    const app = new App();
    app.get('/internal', { isHidden: true }, ok);
    app.group('/v1', { tags: ['v1'] }, (group) => void group.get('/a', { tags: ['a'] }, ok));
    const { document } = await describeValid(app, { tags: [{ name: 'v1', description: 'Old' }] });
    expect(Object.keys(document.paths)).toEqual(['/v1/a']);
    expect(document.paths['/v1/a']?.get?.tags).toEqual(['v1', 'a']);
    expect(document.tags).toEqual([{ name: 'v1', description: 'Old' }]);
  });

  it('passes on servers and security, for all routes and for one', async () => {
    const app = new App();
    app.get('/open', ok).get('/closed', ok);
    const { document } = await describeValid(app, {
      servers: [{ url: 'https://shop.example' }],
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      security: [{ token: [] }],
      routeSecurity: ({ pattern }) => (pattern === '/open' ? [] : undefined),
    });
    expect(document.servers).toEqual([{ url: 'https://shop.example' }]);
    expect(document.security).toEqual([{ token: [] }]);
    expect(document.paths['/open']?.get?.security).toEqual([]);
    expect(document.paths['/closed']?.get?.security).toBeUndefined();
    expect(document.components?.securitySchemes).toEqual({
      token: { type: 'http', scheme: 'bearer' },
    });
  });

  it('refuses a requirement that names no scheme', () => {
    const app = new App();
    app.get('/a', ok);
    const security = [{ tokn: [] }];
    for (const options of [{ security }, { routeSecurity: () => security }]) {
      expect(() => describeApp(app, { info: INFO, ...options })).toThrow(
        /"tokn" is none of the securitySchemes/,
      );
    }
  });

  it('names other content types of a body where it is told them', async () => {
    const app = new App();
    app.post('/upload', { body: z.object({ file: z.file() }) }, ok);
    const { document } = await describeValid(app, { bodyTypes: () => ['multipart/form-data'] });
    expect(document.paths['/upload']?.post?.requestBody?.content).toMatchObject({
      'multipart/form-data': { schema: { properties: { file: { format: 'binary' } } } },
    });
  });
});

describe('operationId', () => {
  it('is that of the route, the name of the handler, or made of method and path', async () => {
    const app = new App();
    app.get('/a', { operationId: 'readA' }, ok);
    app.get('/b', function listB() {});
    app.get('/users/:userId/posts-by-year', ok).get('/', () => 'root');
    app.get('/c', ok);
    const { document } = await describeValid(app);
    expect(Object.values(document.paths).map((item) => item.get?.operationId)).toEqual([
      'readA',
      'listB',
      'getUsersByUserIdPostsByYear',
      'getRoot',
      'getC',
    ]);
  });

  it('is another one where methods and paths read alike', async () => {
    const app = new App();
    app
      .get('/a/b', () => 1)
      .get('/a-b', () => 2)
      .get('/a.b', () => 3);
    const { document } = await describeValid(app);
    expect(Object.values(document.paths).map((item) => item.get?.operationId)).toEqual([
      'getAB',
      'getAB2',
      'getAB3',
    ]);
  });

  it('is refused where two routes were given the same, with both their places', () => {
    const app = new App();
    app.get('/a', { operationId: 'x' }, ok).get('/b', { operationId: 'x' }, ok);
    let error: unknown;
    try {
      describeApp(app, { info: INFO });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(OpenApiError);
    expect((error as OpenApiError).code).toBe('DUPLICATE_OPERATION_ID');
    expect((error as OpenApiError).message).toMatch(
      /"x" is the operationId of GET \/a at .*describe-app\.test\.ts:\d+.* too \(GET \/b at .*:\d+.*\)/,
    );
  });

  it('of a route for all methods is its own with the method behind', async () => {
    const app = new App();
    app.all('/a', { operationId: 'anyA' }, ok);
    const { document } = await describeValid(app);
    expect(Object.values(document.paths['/a']!).map(({ operationId }) => operationId)).toEqual([
      'anyA',
      'anyAPostA',
      'anyAPutA',
      'anyAPatchA',
      'anyADeleteA',
      'anyAOptionsA',
    ]);
  });
});
