import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { App } from '../app/app.ts';
import { OpenApiError } from './openapi-error.ts';
import type { OpenApiWarning } from './openapi-options.ts';
import type { OpenApiDocument } from './openapi-types.ts';
import { serveOpenApi } from './serve-openapi.ts';
import { assertValid, INFO } from './valid-document.fixture.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe('serveOpenApi', () => {
  it('answers with the document of all routes, also of those registered later, but not of itself', async () => {
    const app = new App();
    app.get('/before', () => 'ok');
    serveOpenApi(app, '/openapi.json', { info: INFO });
    app.get('/after', () => 'ok');
    const listening = await app.listen();
    closing.push(() => listening.close());
    const response = await fetch(`http://127.0.0.1:${listening.port}/openapi.json`);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    const document = (await response.json()) as OpenApiDocument;
    await assertValid(document);
    expect(document.info).toEqual(INFO);
    expect(Object.keys(document.paths)).toEqual(['/before', '/after']);
  });

  it('makes it once, and tells of each warning once', async () => {
    const warnings: OpenApiWarning[] = [];
    const app = new App();
    app.get('/a', { response: z.object({ at: z.date() }) }, () => ({ at: new Date() }));
    serveOpenApi(app, '/openapi.json', {
      info: INFO,
      onWarning: (warning) => void warnings.push(warning),
    });
    const first = await app.inject('/openapi.json');
    const second = await app.inject('/openapi.json');
    expect(first.text()).toBe(second.text());
    expect(warnings).toHaveLength(1);
  });

  it('emits warnings of the process unless it is told otherwise', async () => {
    const app = new App();
    app.get('/a', { response: z.date() }, () => new Date());
    serveOpenApi(app, '/openapi.json', { info: INFO });
    const told = new Promise<Error>((resolve) => void process.once('warning', resolve));
    await app.inject('/openapi.json');
    expect((await told).message).toMatch(/^response 200 is described as \{\}: .* \(GET \/a at /);
  });

  it('keeps an application from starting whose document is refused', async () => {
    const app = new App();
    app.get('/a', { operationId: 'x' }, () => 1).get('/b', { operationId: 'x' }, () => 2);
    serveOpenApi(app, '/openapi.json', { info: INFO });
    await expect(app.ready()).rejects.toThrow(OpenApiError);
    await expect(app.listen()).rejects.toThrow(OpenApiError);
    await expect(app.inject('/a')).rejects.toThrow(OpenApiError);
  });
});
