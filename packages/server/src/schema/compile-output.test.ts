import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { App } from '../app/app.ts';
import { compileOutput, OutputError } from './compile-output.ts';
import type { StandardSchema } from './standard-schema.ts';

const USER = z.object({ id: z.number(), name: z.string() });

describe('compileOutput', () => {
  it('gives null where there are no schemas', () => {
    expect(compileOutput({})).toBeNull();
  });

  it('lets through what the schema for the status names', () => {
    const filter = compileOutput({ 200: USER, 404: z.object({ reason: z.string() }) })!;
    expect(filter(200, { id: 1, name: 'Ada', password: 'x' })).toEqual({ id: 1, name: 'Ada' });
    expect(filter(404, { reason: 'gone', stack: 'x' })).toEqual({ reason: 'gone' });
    expect(filter(201, { anything: 1 })).toEqual({ anything: 1 });
  });

  it('tells where a value is not what the schema wants', () => {
    const filter = compileOutput({ 200: z.array(USER) }, { where: 'GET /users' })!;
    const act = (): unknown => filter(200, [{ id: 1, name: 'Ada' }, { id: 'secret' }]);
    expect(act).toThrow(OutputError);
    expect(act).toThrow(
      /^Answer not sent: it is not what its schema wants: \$\[1\]\.id: .*; \$\[1\]\.name: .* \(GET \/users, 200\)\./,
    );
    expect(act).not.toThrow('secret');
  });

  it('waits for asynchronous schemas', async () => {
    const slow = USER.refine(({ id }) => Promise.resolve(id > 0));
    const filter = compileOutput({ 200: slow })!;
    expect(await filter(200, { id: 1, name: 'Ada', more: 1 })).toEqual({ id: 1, name: 'Ada' });
    await expect(filter(200, { id: 0, name: 'Ada' })).rejects.toBeInstanceOf(OutputError);
  });

  it('reports a schema that throws as such', () => {
    const cause = new Error('broken');
    const thrower: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'hand',
        validate() {
          throw cause;
        },
      },
    };
    const filter = compileOutput({ 200: thrower })!;
    expect(() => filter(200, 1)).toThrow(
      expect.objectContaining({ code: 'SCHEMA_THREW', cause }) as Error,
    );
  });
});

describe('a route with response schemas', () => {
  it('sends what they name, and of what they refuse nothing', async () => {
    const reported: unknown[] = [];
    const app = new App({ onError: (error) => void reported.push(error) })
      .get('/good', { response: USER }, () => ({ id: 1, name: 'Ada', password: 'hunter2' }))
      .get('/bad', { response: USER }, () => ({ id: 'hunter2', name: 'Ada' }))
      .get('/gone', { responses: { 410: z.object({ since: z.number() }) } }, (c) => {
        c.status = 410;
        return { since: 2020, why: 'hunter2' };
      });
    expect((await app.inject('/good')).json()).toEqual({ id: 1, name: 'Ada' });
    const gone = await app.inject('/gone');
    expect([gone.status, gone.json()]).toEqual([410, { since: 2020 }]);
    const bad = await app.inject('/bad');
    expect(bad.status).toBe(500);
    expect(bad.text()).not.toMatch(/hunter2|\$\.id/);
    expect(reported).toEqual([expect.objectContaining({ code: 'INVALID_OUTPUT' })]);
  });

  it('have their say on text too', async () => {
    const reported: unknown[] = [];
    const app = new App({ onError: (error) => void reported.push(error) })
      .get('/text', { response: z.string().trim() }, () => ' hello ')
      .get('/leak', { response: USER }, () => 'hunter2');
    const answer = await app.inject('/text');
    expect([answer.text(), answer.headers.get('content-type')]).toEqual([
      'hello',
      'text/plain; charset=utf-8',
    ]);
    const leak = await app.inject('/leak');
    expect([leak.status, leak.text().includes('hunter2')]).toEqual([500, false]);
    expect(reported).toEqual([expect.objectContaining({ code: 'INVALID_OUTPUT' })]);
  });
});
