import * as z from 'zod';
import { isClass } from './is-class.ts';
import { watchSchema } from './plan-schema.ts';

// The message of each schema completes the sentence "Give …".
const text = z.string('text');
const flag = z.boolean('true or false');
const duration = z.union([z.string(), z.number()], "a duration such as '500ms', '10s' or '1m30s'");
const count = z.union([z.string(), z.number()], "a count such as 250 or '10k'");
const plain = z.union([z.string(), z.number(), z.boolean()], 'text, a number, true or false');
const code = z.custom<(...given: never[]) => unknown>(
  (value) => typeof value === 'function' && !isClass(value),
  'a function',
);

const application = z.custom<object>(
  (value) =>
    typeof value === 'function' ||
    (typeof value === 'object' &&
      value !== null &&
      typeof (value as { readonly fetch?: unknown }).fetch === 'function'),
);

/** One of several scenarios, but for its load. */
export const scenarioSchema: z.ZodObject = z.strictObject(
  { load: z.unknown().optional(), weight: z.number('a number').optional(), user: code },
  'a scenario such as { weight: 2, user: async ({ http }) => { … } }',
);

/** A definition, but for its loads and its data, whose keys depend on what they are. */
export const definitionSchema: z.ZodObject = z.strictObject(
  {
    name: text.optional(),
    target: z.union([text, application], 'a base URL, or in a test an application'),
    load: z.unknown().optional(),
    user: code.optional(),
    scenarios: z
      .record(z.string(), scenarioSchema, 'a map of names to scenarios')
      .refine((scenarios) => Object.keys(scenarios).length > 0, 'at least one scenario')
      .optional(),
    thresholds: z.array(text, "a list such as ['p99 < 50ms']").optional(),
    data: z.unknown().optional(),
    vars: z.record(z.string(), plain, 'a map of names to values').optional(),
    setup: code.optional(),
    teardown: code.optional(),
    headers: z.record(z.string(), plain, 'a map of names to values').optional(),
    connections: z
      .union(
        [z.enum(['own', 'shared']), z.strictObject({ shared: z.number() })],
        "'own', 'shared' or { shared: 20 }",
      )
      .optional(),
    session: z.enum(['user', 'iteration'], "'user' or 'iteration'").optional(),
    http2: z
      .union([z.boolean(), z.literal('prior-knowledge')], "true, false or 'prior-knowledge'")
      .optional(),
    followRedirects: flag.optional(),
    workers: count.optional(),
    timeout: duration.optional(),
    warmup: duration.optional(),
    seed: count.optional(),
    success: z
      .array(
        z.union([z.string(), z.number()], "a status or a range such as '200-399'"),
        "a list such as ['200-399', 404]",
      )
      .min(1, 'at least one status')
      .optional(),
    onlyOk: flag.optional(),
    apdex: duration.optional(),
    insecure: flag.optional(),
    ca: text.optional(),
    servername: text.optional(),
    watch: watchSchema.optional(),
  },
  'a definition',
);

/** A feed given as a map rather than a file name; `rows` are checked one by one when they are shared. */
export const feedSchema: z.ZodObject = z.strictObject(
  {
    file: text.optional(),
    rows: z.array(z.unknown(), 'a list of rows').optional(),
    format: z.enum(['csv', 'tsv', 'json', 'ndjson'], "'csv', 'tsv', 'json' or 'ndjson'").optional(),
    pick: z
      .enum(['sequential', 'random', 'unique'], "'sequential', 'random' or 'unique'")
      .optional(),
  },
  "a feed such as { file: 'skus.csv', pick: 'random' }",
);
