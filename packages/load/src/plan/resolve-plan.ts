import { WireError } from '@needletail/wire';
import { compileRequest } from '../drive/render-request.ts';
import type { FeedRows } from '../source/feed.ts';
import { parseCount } from './count.ts';
import { deepFrozen } from './deep-frozen.ts';
import { PlanError } from './errors.ts';
import { settingsOfFile, settingsOfFlags, type Setting } from './load-settings.ts';
import { mergeLoad } from './merge-load.ts';
import { FLAG_LABEL, type PlanFlags } from './plan-flags.ts';
import { PlanFiles, processContext, type PlanContext } from './plan-files.ts';
import { openInput, type PlanInput, type QuickTarget } from './plan-input.ts';
import type { PlanFile } from './plan-file.ts';
import type { Plan } from './plan.ts';
import { resolveLoad } from './resolve-load.ts';
import { resolveRequests, type ResolvedRequests } from './resolve-requests.ts';
import { resolveRunSettings } from './resolve-run-settings.ts';
import { resolveThresholds } from './resolve-thresholds.ts';
import { resolveTls } from './resolve-tls.ts';

/**
 * Makes the plan that is run of a plan file or an address, and flags; flags win. Fills in variables and defaults, reads
 * the files named, and checks everything that can be checked before a request is sent: settings that contradict or
 * exceed what a run can do are PlanErrors. The plan is frozen throughout.
 *
 * Defaults: 50 users for 10 s, or at a rate at most 1000 connections of which 50 are opened ahead; 1 worker; time-out
 * 10 s; success 200 to 399; threshold `error rate < 1%`; Apdex 500 ms; seed 1, so that a run replays.
 */
export async function resolvePlan(
  source: PlanFile | QuickTarget,
  flags: PlanFlags = {},
  context: PlanContext = processContext(),
): Promise<Plan> {
  refuseHttp2(flags);
  const input = openInput(source, flags.env ?? []);
  const files = new PlanFiles(context, input.file);
  const load = resolveLoad(
    mergeLoad(settingsOfFile(input), settingsOfFlags(flags)),
    connectionsOf(input, flags),
  );
  const run = resolveRunSettings(input, flags, load);
  const requests = await resolveRequests(input, flags, files);
  const feed = await resolveFeed(input, flags, files);
  const tls = await resolveTls(run.tls, input, flags, files);
  const plan: Plan = {
    name: flags.name ?? input.data.name ?? null,
    ...requests,
    ...load,
    ...run,
    tls,
    thresholds: resolveThresholds(input, flags, requests.requests),
    feed,
    script: null,
  };
  refuseUnsendable(plan, requests, input);
  input.refuseUnused();
  return deepFrozen(plan);
}

/** What is sent byte by byte is HTTP/1.1; only the client of scenarios speaks both. */
function refuseHttp2({ http2 }: PlanFlags): void {
  if (http2 !== true) return;
  throw new PlanError({
    code: 'PLAN_CONFLICT',
    problem: 'HTTP/2 without a scenario',
    cause: 'requests of an address or a plan are sent over HTTP/1.1',
    where: FLAG_LABEL.http2,
    remedy:
      'Write a scenario, which speaks both: needletail init, then needletail run load.ts --http2.',
  });
}

function connectionsOf(
  { data, at, whereOf }: PlanInput,
  flags: PlanFlags,
): Setting<number> | undefined {
  if (flags.connections !== undefined) {
    return { value: flags.connections, where: FLAG_LABEL.connections };
  }
  // Flags override the plan: users given by flag are not held against connections given there.
  if (data.connections === undefined || flags.users !== undefined || flags.stages !== undefined)
    return undefined;
  return at(['connections'], (label) => ({
    value: parseCount(data.connections!, label),
    where: whereOf(['connections']),
  }));
}

async function resolveFeed(
  { data, at }: PlanInput,
  flags: PlanFlags,
  files: PlanFiles,
): Promise<FeedRows | null> {
  if (flags.feed === undefined && data.feed === undefined) return null;
  // Loaded on demand: most runs have no feed, and the CSV parser would be paid by all.
  const { readFeed } = await import('../source/read-feed.ts');
  if (flags.feed !== undefined) {
    return readFeed(flags.feed, await files.readFromCwd(flags.feed, FLAG_LABEL.feed));
  }
  const { file, format } = typeof data.feed === 'string' ? { file: data.feed } : data.feed!;
  return at(['feed'], async (label) => readFeed(file, await files.read(file, label), format));
}

/** Compiles every request once, so that a slot or a byte that cannot be sent is found here and not in a worker. */
function refuseUnsendable(
  plan: Plan,
  { requests }: ResolvedRequests,
  { data, at }: PlanInput,
): void {
  requests.forEach((request, index) => {
    at(data.requests === undefined ? [] : ['requests', index], (label) => {
      try {
        compileRequest(request, {
          columns: plan.feed?.columns ?? [],
          rows: plan.feed?.rows ?? [],
          keepAlive: plan.keepAlive,
          seed: plan.seed,
        });
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        const cause = error.message.replace(/^[^:]*: /, '').replace(/\. [^.]*\.$/, '');
        const where = label === '' ? request.name : label;
        const fault = {
          code: 'PLAN_REQUEST',
          problem: 'Request not sendable',
          cause,
          where,
          remedy: 'Mend it.',
        } as const;
        throw new PlanError(fault, null, { cause: error });
      }
    });
  });
}
