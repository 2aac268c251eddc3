import * as z from 'zod';
import { STRESS_KEY_NAMES } from '../search/stress-data.ts';
import type { LoadData, PlanData, ScenarioName, WatchData } from './plan-file.ts';

// The message of each schema completes the sentence "expected …".
const text = z.string('text');
const flag = z.boolean('true or false');
const duration = z.union([z.string(), z.number()], 'a duration such as 500ms, 10s or 1m30s');
const count = z.union([z.string(), z.number()], 'a count such as 250 or 10k');
const rate = z.union([z.string(), z.number()], 'a rate such as 2000, 2k or 600/m');
const plain = z.union([z.string(), z.number(), z.boolean()], 'text, a number, true or false');

const headers = z.union(
  [z.record(z.string(), z.union([plain, z.array(plain)])), z.array(z.string())],
  "a map of names to values, or a list of 'Name: value' lines",
);

const requestShape = {
  name: text.optional(),
  method: text.optional(),
  path: text.optional(),
  url: text.optional(),
  headers: headers.optional(),
  body: text.optional(),
  json: z.unknown().optional(),
  bodyFile: text.optional(),
};

const request = z.strictObject(
  { ...requestShape, weight: count.optional() },
  'a request such as { method: GET, path: /cart }',
);

const stress = z.strictObject(
  Object.fromEntries(STRESS_KEY_NAMES.map((key) => [key, count.optional()])),
  'a stress test such as { scenario: breakpoint, maxRate: 5000 }',
);

/** `watch` of a plan and of a definition. */
export const watchSchema: z.ZodType<readonly WatchData[]> = z
  .array(
    z.strictObject(
      {
        pid: count.optional(),
        metrics: text.optional(),
        only: z.array(text, 'a list of names').optional(),
        node: count.optional(),
      },
      "an entry such as { pid: 4711 }, { metrics: 'http://…/metrics' } or { node: '127.0.0.1:9229' }",
    ),
    'a list such as [{ pid: 4711 }]',
  )
  .max(100, 'at most 100 entries');

export const WATCH_KEYS: readonly string[] = ['pid', 'metrics', 'only', 'node'];

/** Everything but the load, whose keys depend on its shape. */
export const planSchema: z.ZodType<Omit<PlanData, 'load'> & { readonly load?: unknown }> =
  z.strictObject(
    {
      ...requestShape,
      target: text.optional(),
      requests: z
        .array(request, 'a list of requests')
        .min(1, 'at least one request')
        .max(10_000, 'at most 10000 requests')
        .optional(),
      load: z.unknown().optional(),
      stress: stress.optional(),
      connections: count.optional(),
      workers: count.optional(),
      timeout: duration.optional(),
      warmup: duration.optional(),
      keepAlive: flag.optional(),
      pipelining: count.optional(),
      insecure: flag.optional(),
      ca: text.optional(),
      servername: text.optional(),
      feed: z
        .union(
          [
            z.string(),
            z.strictObject({
              file: z.string(),
              format: z.enum(['csv', 'tsv', 'json', 'ndjson']).optional(),
            }),
          ],
          'a file name, or { file, format } with format csv, tsv, json or ndjson',
        )
        .optional(),
      thresholds: z.array(text, "a list such as ['p99 < 50ms']").optional(),
      success: z
        .array(
          z.union([z.string(), z.number()], "a status or a range such as '200-399'"),
          "a list such as ['200-399', 404]",
        )
        .min(1, 'at least one status')
        .optional(),
      onlyOk: flag.optional(),
      seed: count.optional(),
      apdex: duration.optional(),
      vars: z.record(z.string(), plain, 'a map of names to values').optional(),
      watch: watchSchema.optional(),
    },
    'a map of settings such as target and load',
  );

const stage = z.strictObject(
  { duration, users: count.optional(), rate: rate.optional() },
  'a stage such as { duration: 30s, users: 50 }',
);
const stages = z
  .array(stage, 'a list of stages')
  .min(1, 'at least one stage')
  .max(1000, 'at most 1000 stages');
const arrivals = z.enum(['even', 'poisson'], 'even or poisson').optional();
const users = { users: count.optional(), think: duration.optional() };
const ends = { duration: duration.optional(), requests: count.optional() };

const shapes = {
  constant: { ...users, ...ends, iterations: count.optional() },
  gradual: { ...users, ...ends, rampUp: duration },
  spike: {
    ...users,
    duration: duration.optional(),
    rampUp: duration.optional(),
    spikeUsers: count,
    spikeDuration: duration,
  },
  stages: { start: count.optional(), stages, think: duration.optional(), arrivals },
  rate: { rate, ...ends, arrivals },
  'rate-ramp': { start: rate.optional(), rate, duration, arrivals },
  poisson: { rate, ...ends },
  iterations: { ...users, duration: duration.optional(), iterations: count },
} satisfies Record<ScenarioName, z.ZodRawShape>;

export const scenarioNames: readonly string[] = Object.keys(shapes);

export interface LoadSchema {
  readonly schema: z.ZodType<LoadData>;
  readonly keys: readonly string[];
  /** For messages: what the keys are those of. */
  readonly title: string;
}

/** The keys that go together: those of the scenario named, else of the shape that `stages`, `rate` or users make. */
export function loadSchemaFor(load: Readonly<Record<string, unknown>>): LoadSchema {
  const { title, shape } = shapeOf(load);
  return loadSchema(title, shape);
}

function shapeOf(load: Readonly<Record<string, unknown>>): {
  readonly title: string;
  readonly shape: z.ZodRawShape;
} {
  const named = load['scenario'];
  if (typeof named === 'string' && Object.hasOwn(shapes, named)) {
    return { title: `scenario ${named}`, shape: shapes[named as ScenarioName] };
  }
  if ('stages' in load) return { title: 'a load with stages', shape: shapes.stages };
  if ('rate' in load) return { title: 'a load with a rate', shape: shapes.rate };
  return {
    title: 'a load with users',
    shape: { ...shapes.constant, rampUp: duration.optional() },
  };
}

/**
 * The same for a script, where what is counted and capped are iterations: `iterations` in place of `requests`, and
 * `maxUsers` where a rate drives.
 */
export function scriptLoadSchemaFor(load: Readonly<Record<string, unknown>>): LoadSchema {
  const { title, shape } = shapeOf(load);
  const { requests, ...others } = shape;
  const cap = 'rate' in shape || 'stages' in shape ? { maxUsers: count.optional() } : {};
  const end = requests === undefined ? {} : { iterations: count.optional() };
  return loadSchema(title, { ...end, ...others, ...cap });
}

function loadSchema(title: string, shape: z.ZodRawShape): LoadSchema {
  const scenario = z.enum(Object.keys(shapes), `one of ${scenarioNames.join(', ')}`).optional();
  const whole = { scenario, ...shape };
  // The shapes are built from keys of LoadData only; their union is what that interface writes out.
  const schema = z.strictObject(whole, 'a load such as { users: 50, duration: 10s }') as z.ZodType;
  return { schema: schema as z.ZodType<LoadData>, keys: Object.keys(whole), title };
}
