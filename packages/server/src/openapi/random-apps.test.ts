import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { App } from '../app/app.ts';
import type { RouteOptions } from '../app/route-options.ts';
import { RadixRouter } from '../router/radix-router.ts';
import { RouteError } from '../router/route-error.ts';
import { describeValid } from './valid-document.fixture.ts';

const NAMES = ['id', 'name', 'page', 'x_1'] as const;
const Named = z.object({ id: z.number() }).meta({ id: 'Named' });
const Tree = z.object({
  get children() {
    return z.array(Tree);
  },
});

const text = fc.constantFrom('users', 'a b', 'c{d}', 'ü', 'v1.0', '.well-known', 'a:b', '%');
const param = fc
  .constantFrom(...NAMES)
  .chain((name) =>
    fc
      .constantFrom('', '(\\d+)', '(a|b)', '([^.]{1,3})')
      .map((constraint) => `:${name}${constraint}`),
  );
const segment = fc.oneof(text.map(encodeURIComponent), param);
const end = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  fc.constantFrom('/:last?', '/:last?/:latest?', '/*', '/*path', '/'),
);
const pattern = fc
  .tuple(fc.array(segment, { maxLength: 3 }), end)
  .map(([segments, last]) => segments.map((each) => `/${each}`).join('') + last || '/');

const leaf = fc.constantFrom<z.ZodType>(
  z.string().min(1).describe('text'),
  z.int().max(5).optional(),
  z.enum(['a', 'b']).default('a'),
  z.date(),
  z.string().nullable(),
  Named,
  Tree,
);
const schema = fc.letrec<{ any: z.ZodType }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc
      .dictionary(fc.constantFrom('a', 'b-c', '$ref', 'items', 'id'), tie('any'))
      .map((shape) => z.object(shape)),
    tie('any').map((inner) => z.array(inner)),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => z.union([a, b])),
  ),
})).any;
const members = fc
  .dictionary(fc.constantFrom('a', 'b-c', 'Accept', 'id'), leaf)
  .map((shape) => z.object(shape));
const options = fc.record(
  {
    params: members,
    query: fc.oneof(members, schema),
    headers: members,
    cookies: members,
    body: schema,
    response: schema,
    responses: fc.dictionary(fc.constantFrom('201', '204', '404', '422'), schema),
    summary: fc.string(),
    description: fc.string(),
    tags: fc.array(fc.string(), { maxLength: 2 }),
    deprecated: fc.boolean(),
    isHidden: fc.constantFrom(false, false, true),
  },
  { requiredKeys: [] },
);
const route = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD', 'PURGE', 'TRACE'),
  pattern,
  options,
});

/** The validator takes a third of a second. */
const RUNS = 15;

function isAccepted(router: RadixRouter<null>, method: string, path: string): boolean {
  try {
    router.add(method, path, null);
    return true;
  } catch (error) {
    if (error instanceof RouteError) return false;
    throw error;
  }
}

describe('describeApp', () => {
  it('makes a valid document of whatever the router accepts', async () => {
    let described = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(route, { minLength: 4, maxLength: 10 }), async (routes) => {
        const app = new App();
        const router = new RadixRouter<null>();
        for (const each of routes) {
          if (!isAccepted(router, each.method, each.pattern)) continue;
          app.route(each.method, each.pattern, each.options as RouteOptions, () => 'ok');
        }
        const isVisible = app
          .routes()
          .some(({ options: own, method }) => own.isHidden !== true && method !== 'PURGE');
        if (!isVisible) return;
        const { document } = await describeValid(app);
        const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
        const ids = operations.map(({ operationId }) => operationId);
        expect(new Set(ids).size).toBe(ids.length);
        described += operations.length;
        for (const [path, item] of Object.entries(document.paths)) {
          const labels = [...path.matchAll(/\{(\w+)\}/g)].map(([, label]) => label);
          for (const { parameters = [] } of Object.values(item)) {
            const own = parameters.filter((each) => each.in === 'path').map(({ name }) => name);
            expect(own).toEqual(labels);
          }
        }
      }),
      { numRuns: RUNS },
    );
    expect(described).toBeGreaterThan(RUNS);
  }, 60_000);
});
