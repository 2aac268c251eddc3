import { MAX_TICKETS } from '../drive/tickets.ts';
import { rateCurveOf } from '../pace/rate-curve.ts';
import { userCurveOf } from '../pace/user-curve.ts';
import { formatDuration } from './duration.ts';
import { PlanError } from './errors.ts';
import type { LoadSettings, Setting } from './load-settings.ts';
import { conflict } from './merge-load.ts';
import type { ClosedLoad, LoadSpec, OpenLoad, Plan } from './plan.ts';
import { checkedAbove, checkedCount, checkedDuration } from './setting.ts';

/** The part of a plan that says how much is sent, when, and over how many connections. */
export type ResolvedLoad = Pick<
  Plan,
  'load' | 'maxRequests' | 'maxIterations' | 'connections' | 'preopen' | 'thinkMs'
>;

const DEFAULT_USERS = 50;
const DEFAULT_DURATION_MS = 10_000;
const DEFAULT_CONNECTION_CAP = 1000;
const DEFAULT_PREOPEN = 50;

const CONNECTIONS = { least: 1, most: 100_000 };
const LEVEL = { least: 0, most: 100_000 };
const RATE = { least: 0, most: 10_000_000 };
const TICKETS = { least: 1, most: MAX_TICKETS };
const DURATION = { least: 1, most: 24 * 86_400_000 };
const PAUSE = { least: 0, most: 24 * 86_400_000 };

/** Builds the load from settings that do not contradict, filling in what was not given. */
export function resolveLoad(
  settings: LoadSettings,
  connections: Setting<number> | undefined,
): ResolvedLoad {
  const { rate, rateStages, thinkMs, requests, iterations } = settings;
  const limits = {
    maxRequests: checked(requests, (value, where) => checkedCount(value, where, TICKETS)) ?? null,
    maxIterations:
      checked(iterations, (value, where) => checkedCount(value, where, TICKETS)) ?? null,
    thinkMs: checked(thinkMs, (value, where) => checkedDuration(value, where, PAUSE)) ?? 0,
  };
  const asked = checked(connections, (value, where) => checkedCount(value, where, CONNECTIONS));
  if (rate !== undefined || rateStages !== undefined) {
    const cap = asked ?? DEFAULT_CONNECTION_CAP;
    const preopen = asked ?? Math.min(DEFAULT_PREOPEN, cap);
    return { ...limits, load: openLoad(settings), connections: cap, preopen };
  }
  const most = Math.min(limits.maxRequests ?? Infinity, limits.maxIterations ?? Infinity);
  const load = closedLoad(settings, connections, Math.min(DEFAULT_USERS, most));
  const { peakUsers } = userCurveOf(load);
  return { ...limits, load, connections: peakUsers, preopen: peakUsers };
}

function openLoad(settings: LoadSettings): LoadSpec {
  const { rate, rateStages, start, poisson } = settings;
  const arrivals = poisson === undefined ? 'even' : 'poisson';
  if (rateStages === undefined) {
    return {
      kind: 'rate',
      rate: checkedAbove(rate!.value, rate!.where, RATE),
      durationMs: durationOf(settings),
      arrivals,
    };
  }
  const { value, where } = rateStages;
  const level = (of: number): number => (of === 0 ? 0 : checkedAbove(of, where, RATE));
  const load: OpenLoad = {
    kind: 'rate-stages',
    startRate: level(start?.value ?? 0),
    stages: value.map((stage) => ({ durationMs: stage.durationMs, rate: level(stage.level) })),
    arrivals,
  };
  if (rateCurveOf(load).expected > 0) return load;
  throw loadFault('there is never a request to send', where, 'Give stages a length and a rate.');
}

/** `defaultUsers` is no more than there is work for: one request does not open fifty connections. */
function closedLoad(
  settings: LoadSettings,
  connections: Setting<number> | undefined,
  defaultUsers: number,
): ClosedLoad {
  const { userStages, start, spikeUsers, rampUpMs } = settings;
  if (userStages !== undefined) {
    if (connections !== undefined) {
      throw conflict(
        connections.where,
        userStages.where,
        'each user has one connection, and the stages say how many users there are',
      );
    }
    const { value, where } = userStages;
    const stages = value.map((stage) => ({
      durationMs: stage.durationMs,
      users: checkedCount(stage.level, where, LEVEL),
    }));
    const startUsers = checked(start, (level, label) => checkedCount(level, label, LEVEL)) ?? 1;
    const isEmpty = startUsers === 0 && stages.every(({ users }) => users === 0);
    if (isEmpty || stages.every(({ durationMs }) => durationMs === 0)) {
      throw loadFault('there is never a user at work', where, 'Give stages a length and users.');
    }
    return { kind: 'stages', startUsers, stages };
  }
  const users = usersOf(settings.users, connections) ?? defaultUsers;
  const durationMs = durationOf(settings);
  if (spikeUsers !== undefined) return spike(settings, users, durationMs ?? DEFAULT_DURATION_MS);
  if (rampUpMs === undefined || rampUpMs.value === 0)
    return { kind: 'constant', users, durationMs };
  checkedDuration(rampUpMs.value, rampUpMs.where, DURATION);
  if (durationMs !== null && rampUpMs.value > durationMs) {
    const times = `${formatDuration(rampUpMs.value)} is longer than the run of ${formatDuration(durationMs)}`;
    throw loadFault(
      `the ramp of ${times}`,
      rampUpMs.where,
      'Shorten the ramp or lengthen the run.',
    );
  }
  return { kind: 'gradual', users, rampUpMs: rampUpMs.value, durationMs };
}

function spike(settings: LoadSettings, users: number, durationMs: number): ClosedLoad {
  const { spikeUsers, spikeDurationMs, rampUpMs } = settings;
  const load: Extract<ClosedLoad, { kind: 'spike' }> = {
    kind: 'spike',
    users,
    rampUpMs: rampUpMs?.value ?? 0,
    durationMs,
    spikeUsers: checkedCount(spikeUsers!.value, spikeUsers!.where, CONNECTIONS),
    spikeDurationMs: checkedDuration(spikeDurationMs!.value, spikeDurationMs!.where, DURATION),
  };
  checkedCount(users + load.spikeUsers, spikeUsers!.where, CONNECTIONS);
  const startMs = load.rampUpMs + Math.max(0, (durationMs - 2 * load.spikeDurationMs) / 2);
  const endMs = startMs + load.spikeDurationMs;
  if (endMs <= durationMs) return load;
  throw loadFault(
    `the spike would go from ${formatDuration(startMs)} to ${formatDuration(endMs)}, the run ends at ${formatDuration(durationMs)}`,
    spikeDurationMs!.where,
    'Lengthen the run, or shorten the ramp or the spike.',
  );
}

function usersOf(
  users: Setting<number> | undefined,
  connections: Setting<number> | undefined,
): number | undefined {
  if (users !== undefined && connections !== undefined && users.value !== connections.value) {
    throw conflict(
      users.where,
      connections.where,
      `each user has one connection, and ${users.value} is not ${connections.value}`,
    );
  }
  const given = users ?? connections;
  return checked(given, (value, where) => checkedCount(value, where, CONNECTIONS));
}

/** A count ends the run by itself, so there is a default duration only where nothing else does. */
function durationOf({ durationMs, requests, iterations }: LoadSettings): number | null {
  if (durationMs !== undefined)
    return checkedDuration(durationMs.value, durationMs.where, DURATION);
  return requests === undefined && iterations === undefined ? DEFAULT_DURATION_MS : null;
}

function checked<Value>(
  setting: Setting<Value> | undefined,
  check: (value: Value, where: string) => Value,
): Value | undefined {
  return setting === undefined ? undefined : check(setting.value, setting.where);
}

function loadFault(cause: string, where: string, remedy: string): PlanError {
  return new PlanError({ code: 'PLAN_LOAD', problem: 'Load not usable', cause, where, remedy });
}
