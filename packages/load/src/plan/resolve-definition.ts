import { checkDefinition, INLINE, type AnyDefinition } from './check-definition.ts';
import { deepFrozen } from './deep-frozen.ts';
import { openDefinition, type DefinitionInput } from './definition-input.ts';
import { PlanError } from './errors.ts';
import { conflict } from './merge-load.ts';
import { PlanFiles, processContext, type PlanContext } from './plan-files.ts';
import { FLAG_LABEL, type PlanFlags } from './plan-flags.ts';
import type { PlanInput } from './plan-input.ts';
import type { Plan } from './plan.ts';
import {
  overrideHeaders,
  parseHeaderLine,
  readHeaders,
  type HeaderList,
} from './request-headers.ts';
import { resolveFeeds } from './resolve-feeds.ts';
import { resolveRunSettings } from './resolve-run-settings.ts';
import { resolveStreams, type ResolvedStreams } from './resolve-streams.ts';
import { resolveScriptThresholds } from './resolve-thresholds.ts';
import { resolveTls } from './resolve-tls.ts';
import type { ScriptPlan } from './script-plan.ts';
import { checkedCount } from './setting.ts';
import { parseAddress } from './target-address.ts';

/** Where a definition comes from. */
export interface DefinitionSource {
  /** For messages, and for the files that the definition names; null for one in the code of a test. */
  readonly file: string | null;
  /** Module that threads import to get it; null when it stays in this thread. */
  readonly moduleUrl: string | null;
}

/** Stands for an application in this process, which has no address. */
const IN_PROCESS_TARGET = 'http://localhost/';
const DEFAULT_SHARED_CONNECTIONS = 50;
const CONNECTIONS = { least: 1, most: 100_000 };

/**
 * Makes the plan that is run of a load test in code, and flags; flags win. Checks everything that can be checked before
 * a request is sent: faults of shape are one DefinitionError, what the values say is a PlanError. Feeds are read into
 * memory that threads share; the rest of the plan is frozen.
 *
 * Defaults as for `resolvePlan`, and in addition: each user has connections and cookies of its own and keeps them from
 * one iteration to the next; redirects are not followed; `error rate < 1%` and `iteration error rate < 1%`.
 */
export async function resolveDefinition(
  definition: unknown,
  flags: PlanFlags = {},
  context: PlanContext = processContext(),
  source: DefinitionSource = { file: null, moduleUrl: null },
): Promise<Plan> {
  checkDefinition(definition, source.file ?? INLINE);
  refuseForeignFlags(flags);
  const input = openDefinition(definition, source.file, flags.env ?? []);
  const files = new PlanFiles(context, source.file);
  const { settings } = input;
  const streams = resolveStreams(definition, input, flags);
  const first = streams.streams[0]!;
  // How many users there are is checked below, in words that fit users.
  const run = resolveRunSettings(settings, flags, { ...streams.first, connections: Infinity });
  refuseMoreWorkersThanUsers(run.workers, streams.users);
  const target = resolveTarget(settings);
  return deepFrozen<Plan>({
    name: flags.name ?? definition.name ?? null,
    target: target.url,
    requests: [],
    order: 'sequence',
    load: first.load,
    maxRequests: null,
    maxIterations: null,
    connections: streams.users,
    preopen: 0,
    thinkMs: first.thinkMs,
    ...run,
    tls: await resolveTls(run.tls, settings, flags, files),
    thresholds: resolveScriptThresholds(settings, flags),
    feed: null,
    script: {
      ...scriptSettings(definition, source, input, streams),
      http2: http2Of(definition, flags, target.url),
      headers: resolveHeaders(settings, flags, target.authorization),
      feeds: await resolveFeeds(definition.data, flags.feed, files),
    },
  });
}

function scriptSettings(
  definition: AnyDefinition,
  { file, moduleUrl }: DefinitionSource,
  { vars }: DefinitionInput,
  { scenarios, streams }: ResolvedStreams,
): Omit<ScriptPlan, 'headers' | 'feeds' | 'http2'> {
  const { connections = 'own', session, followRedirects, setup, teardown } = definition;
  const shared = typeof connections === 'object' ? connections.shared : DEFAULT_SHARED_CONNECTIONS;
  return {
    file: file ?? INLINE,
    moduleUrl: moduleUrl ?? '',
    scenarios,
    streams,
    vars,
    connections: connections === 'own' ? 'own' : 'shared',
    maxConnections:
      connections === 'own' ? Infinity : checkedCount(shared, 'connections.shared', CONNECTIONS),
    session: session ?? 'user',
    followRedirects: followRedirects ?? false,
    hasSetup: setup !== undefined,
    hasTeardown: teardown !== undefined,
    trace: false,
  };
}

/** The flag asks for what the address allows. */
function http2Of(
  { http2 = false }: AnyDefinition,
  flags: PlanFlags,
  url: string,
): ScriptPlan['http2'] {
  if (flags.http2 !== true || http2 !== false) return http2;
  return url.startsWith('https:') ? true : 'prior-knowledge';
}

/** Flags that mean nothing where code makes the requests, and what to do instead. */
const FOREIGN_FLAGS: Partial<Record<keyof PlanFlags, readonly [cause: string, remedy: string]>> = {
  requests: ['a script counts iterations', 'Use -i <n> to end after so many of them.'],
  method: ['a script says the method of each request', 'Change it in the script.'],
  body: ['a script says the body of each request', 'Change it in the script, or pass it with -e.'],
  pipelining: ['a user waits for each answer before it goes on', 'Leave it out.'],
  keepAlive: [
    'the connections of a script belong to its users',
    "Set session: 'iteration' in the script: connections then end with the iteration.",
  ],
};

function refuseForeignFlags(flags: PlanFlags): void {
  for (const [key, [cause, remedy]] of Object.entries(FOREIGN_FLAGS)) {
    if (flags[key as keyof PlanFlags] === undefined) continue;
    const where = FLAG_LABEL[key as keyof PlanFlags];
    const problem = 'Flag without meaning for a script';
    throw new PlanError({ code: 'PLAN_CONFLICT', problem, cause, where, remedy });
  }
}

function refuseMoreWorkersThanUsers(workers: number, users: number): void {
  if (workers <= users) return;
  const cause = `${workers} workers cannot share ${users} ${users === 1 ? 'user' : 'users'}`;
  throw conflict(FLAG_LABEL.workers, FLAG_LABEL.users, cause);
}

function resolveTarget({ data, at }: PlanInput): {
  readonly url: string;
  readonly authorization: string | null;
} {
  const { target } = data;
  if (target === undefined) return { url: IN_PROCESS_TARGET, authorization: null };
  const {
    origin,
    target: path,
    authorization,
  } = at(['target'], (label) => parseAddress(target, label));
  return { url: origin + path, authorization };
}

function resolveHeaders(
  { data, at, fill }: PlanInput,
  flags: PlanFlags,
  authorization: string | null,
): HeaderList {
  const own = at(['headers'], (label) => readHeaders(data.headers, label));
  const given = (flags.headers ?? []).map((line) =>
    parseHeaderLine(fill(line, FLAG_LABEL.headers), FLAG_LABEL.headers),
  );
  const headers = overrideHeaders(own, given);
  const isSet = headers.some(([name]) => name.toLowerCase() === 'authorization');
  return authorization === null || isSet ? headers : [...headers, ['Authorization', authorization]];
}
