import type { PlanFlags } from '@needletail/load';
import { parseCount, parseDuration, parseRate } from '@needletail/load/plan';
import { UsageError } from '../errors.ts';
import type { LoadFlagValues } from './load-flags.ts';

type Given = { -readonly [Name in keyof PlanFlags]: PlanFlags[Name] };

/** Turns flags as typed into what `resolvePlan` takes; throws `PlanError` naming the flag that cannot be understood. */
export function toPlanFlags(values: LoadFlagValues): PlanFlags {
  const given: Given = {};
  const set = <Name extends keyof PlanFlags>(name: Name, value: PlanFlags[Name] | undefined) => {
    if (value !== undefined) given[name] = value;
  };
  set('connections', count('--connections', values.connections));
  set('users', count('--users', values.users));
  set('durationMs', duration('--duration', either('-d', values.duration, '-z', values.z)));
  set('requests', count('--requests', values.requests));
  const rate = oneRate(values);
  set('rate', rate === undefined ? undefined : parseRate(rate, '--rate'));
  set('iterations', count('--iterations', values.iterations));
  set('stages', values.stage);
  set('rampUpMs', duration('--ramp-up', values.rampUp));
  set('warmupMs', duration('--warmup', values.warmup));
  set('thinkMs', duration('--think', values.think));
  set('poisson', values.poisson);
  set('pipelining', count('--pipelining', values.pipelining));
  set('keepAlive', values.keepalive ? undefined : false);
  set('workers', count('--workers', values.workers));
  set('seed', count('--seed', values.seed));
  set('method', either('-m', values.method, '-X', values.X));
  set('headers', values.header);
  set('body', either('--body', values.body, '--data', values.data));
  set('feed', values.feed);
  set('env', values.env);
  set('timeoutMs', duration('--timeout', values.timeout));
  set('insecure', values.insecure);
  set('ca', values.ca);
  set('servername', values.servername);
  set('http2', values.http2);
  set('thresholds', values.threshold);
  set('onlyOk', values.onlyOk);
  return given;
}

function oneRate({ rate: long, r, rps }: LoadFlagValues): string | undefined {
  return either('-R', long, '--rps', either('-r', r, '--rps', rps));
}

function either(
  flag: string,
  value: string | undefined,
  otherFlag: string,
  other: string | undefined,
): string | undefined {
  if (value !== undefined && other !== undefined) {
    throw new UsageError(
      'FLAG_TWICE',
      `Contradictory flags: ${flag} and ${otherFlag} mean the same. Give one of them.`,
    );
  }
  return value ?? other;
}

function count(flag: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseCount(text, flag);
}

function duration(flag: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text, flag);
}
