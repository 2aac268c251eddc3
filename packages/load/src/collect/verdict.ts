import { bottleneckFrom } from '../monitor/bottleneck.ts';
import { formatCount } from '../plan/count.ts';
import { imbalanceOf } from './ledger.ts';
import type {
  Distribution,
  FailureCount,
  FailureKind,
  Ledger,
  TargetMetrics,
  ThresholdResult,
  Verdict,
} from './run-summary.ts';
import {
  missingSubject,
  scriptFailures,
  scriptReasonsNotToBelieve,
  scriptRemarks,
} from './script-verdict.ts';
import type { ScriptFacts } from './script-verdict.ts';
import { parseThreshold } from './threshold.ts';

/** Lateness up to this is never held against a run. */
const TOLERATED_LATENESS_MS = 1;
/** Nor is lateness up to this share of the latency it could distort. */
const TOLERATED_LATENESS_SHARE = 0.1;
const STARVED_PERCENT = 10;
/** A worker busy for this share of the run had no time left to send more. */
const FLAT_OUT_SHARE = 0.9;

/** The facts a verdict is drawn from. */
export interface VerdictFacts {
  readonly model: 'open' | 'closed';
  readonly ended: 'complete' | 'interrupted' | 'aborted' | 'unreachable';
  /** Why nothing could be reached, when that is so. */
  readonly unreachableCause: string | null;
  readonly ledger: Ledger;
  readonly latencyMs: Distribution;
  readonly scheduleLagMs: Distribution;
  readonly latenessP99Ms: number;
  /** The worst worker; null where the system does not tell. */
  readonly starvedPercent: number | null;
  /** Processor time and waiting for it as a share of the run, the busiest worker, spinning left out; null if unknown. */
  readonly busyShare: number | null;
  readonly thinks: boolean;
  readonly judgesLatency: boolean;
  readonly thresholds: readonly ThresholdResult[];
  /** Most frequent first. */
  readonly failures: readonly FailureCount[];
  /** Connections not opened for want of a file or a local port on this side. */
  readonly outOfSockets: number;
  readonly connectionsOpened: number;
  readonly keepsAlive: boolean;
  readonly mostWaiting: number;
  readonly maxConnections: number;
  readonly insecure: boolean;
  readonly warmupMs: number;
  /** What was changed while the run was under way, as a sentence; null when nothing was. */
  readonly controlled: string | null;
  readonly target: TargetMetrics | null;
  /** Processors of the target's machine; null when they are not known. */
  readonly targetCores: number | null;
  /** Second by second. */
  readonly latencyP50Ms: readonly number[];
  /** Null unless users are scripts. */
  readonly scripts: ScriptFacts | null;
}

/** Whether the run can be believed, whether it passed, and what limited it. */
export function drawVerdict(facts: VerdictFacts): Verdict {
  const invalid = reasonsNotToBelieve(facts);
  const { scripts } = facts;
  const failed = [
    // First, for it may be why a threshold was missed or had nothing to judge.
    ...(scripts === null ? [] : scriptFailures(scripts)),
    ...facts.thresholds.filter(({ ok }) => !ok).map((missed) => failedReason(missed, scripts)),
  ];
  const own = bottleneckOf(facts);
  const { bottleneck, reason } = bottleneckFrom(
    {
      bottleneck: own,
      latencyP50Ms: facts.latencyP50Ms,
      isPressed: facts.model === 'open' && own === 'target',
      cores: facts.targetCores,
    },
    facts.target,
  );
  return {
    status: invalid.length > 0 ? 'invalid' : failed.length > 0 ? 'fail' : 'pass',
    bottleneck,
    // Of a run that reached nothing there is nothing else to say.
    reasons:
      facts.ended === 'unreachable'
        ? invalid
        : [...invalid, ...failed, ...(reason === null ? [] : [reason]), ...remarks(facts, own)],
  };
}

function reasonsNotToBelieve(facts: VerdictFacts): string[] {
  const { ledger, model, latencyMs, latenessP99Ms, starvedPercent } = facts;
  if (facts.ended === 'unreachable') {
    return [`Nothing could be reached: ${facts.unreachableCause ?? NO_CONNECTION}`];
  }
  const reasons: string[] = [];
  if (imbalanceOf(ledger) !== 0) {
    reasons.push(
      `The ledger does not add up by ${imbalanceOf(ledger)} requests: this is a bug in needletail. Please report it.`,
    );
  }
  if (facts.scripts !== null) reasons.push(...scriptReasonsNotToBelieve(facts.scripts));
  // A script may speak WebSocket alone: its iterations are what was done then.
  if (ledger.scheduled === 0 && facts.scripts === null) {
    reasons.push(
      'No request was sent, so there is nothing to judge. Run for longer or at a higher rate.',
    );
  }
  if (isTooLate(facts)) {
    reasons.push(
      `The generator was the limit: it sent ${milliseconds(latenessP99Ms)} late at p99, against a latency p99 of ` +
        `${milliseconds(latencyMs.p99)}. Lower the rate, add --workers, or give it a free core.`,
    );
  }
  if (isStarved(facts) && (model === 'open' || facts.judgesLatency)) {
    reasons.push(
      `The generator was the limit: it waited for a processor for ${starvedPercent!.toFixed(0)}% of the run, so its ` +
        `latencies are not the target's. Stop what else is running, or use another machine.`,
    );
  }
  if (facts.outOfSockets > 0) {
    reasons.push(
      `The generator was the limit: ${times(facts.outOfSockets)} its system had no file or local port for a ` +
        `connection. Raise the limit of open files (ulimit -n), reuse connections, or use fewer.`,
    );
  }
  return reasons;
}

const NO_CONNECTION =
  'no connection was opened while the run lasted. Check the address and the firewall, or run for longer.';

/** Of a script the first request is due when its iteration was, so lateness of iterations is held against latency too. */
function isTooLate({ model, latenessP99Ms, latencyMs }: VerdictFacts): boolean {
  if (model === 'closed') return false;
  return latenessP99Ms > Math.max(TOLERATED_LATENESS_MS, TOLERATED_LATENESS_SHARE * latencyMs.p99);
}

function isStarved({ starvedPercent }: VerdictFacts): boolean {
  return starvedPercent !== null && starvedPercent > STARVED_PERCENT;
}

function bottleneckOf(facts: VerdictFacts): Verdict['bottleneck'] {
  if (facts.ended === 'unreachable') return 'network';
  if (facts.outOfSockets > 0) return 'generator';
  if (facts.model === 'closed') {
    if (isStarved(facts) || (facts.busyShare ?? 0) >= FLAT_OUT_SHARE) return 'generator';
    return facts.thinks ? 'none' : 'target';
  }
  if (isTooLate(facts) || isStarved(facts)) return 'generator';
  const waitedMs = facts.scheduleLagMs.p99 - facts.latenessP99Ms;
  return waitedMs > Math.max(TOLERATED_LATENESS_MS, TOLERATED_LATENESS_SHARE * facts.latencyMs.p99)
    ? 'target'
    : 'none';
}

function remarks(facts: VerdictFacts, bottleneck: Verdict['bottleneck']): string[] {
  const { model, ledger, ended } = facts;
  const said: string[] = [];
  if (ended === 'interrupted')
    said.push('The run was interrupted; figures are for the part that ran.');
  if (facts.controlled !== null) said.push(facts.controlled);
  if (ended === 'aborted' && (facts.scripts?.failures ?? []).length === 0)
    said.push('A threshold ended the run early; figures are for the part that ran.');
  const failure = mostFrequentFailure(facts);
  if (failure !== null) said.push(failure);
  if (model === 'closed' && bottleneck === 'generator' && facts.outOfSockets === 0) {
    said.push(
      isStarved(facts)
        ? `The generator waited for a processor for ${facts.starvedPercent!.toFixed(0)}% of the run: throughput is a ` +
            'lower bound, and latency includes that wait. Stop what else is running to measure either.'
        : 'The generator ran flat out: throughput is a lower bound of what the target can do.',
    );
  }
  if (model === 'open' && bottleneck === 'target') said.push(waitingRemark(facts));
  if (facts.scripts !== null) said.push(...scriptRemarks(facts.scripts, facts.thresholds));
  if (ledger.dropped > 0) {
    said.push(`${ledger.dropped} requests were due but never sent; they count as errors.`);
  }
  if (
    facts.keepsAlive &&
    facts.connectionsOpened > Math.max(ledger.ok / 2, 2 * facts.maxConnections)
  ) {
    said.push(
      `The target closed its connections: ${formatCount(facts.connectionsOpened)} were opened, and latency includes opening them.`,
    );
  }
  if (facts.insecure) said.push('Certificates were not verified (--insecure).');
  if (facts.warmupMs > 0)
    said.push(`The first ${facts.warmupMs / 1000} s were warm-up and are left out.`);
  return said;
}

function waitingRemark({ mostWaiting, maxConnections, scripts }: VerdictFacts): string {
  const most = formatCount(maxConnections);
  const waited = `(up to ${formatCount(mostWaiting)} at a time,`;
  return scripts === null
    ? `Requests waited for a free connection ${waited} ${most} connections allowed): the target did not keep up, or ` +
        `-c is too low for its latency.`
    : `Iterations waited for a free user ${waited} ${most} users allowed): the target did not keep up, or maxUsers is ` +
        `too low for how long an iteration takes.`;
}

function failedReason(
  { expression, actual }: ThresholdResult,
  scripts: ScriptFacts | null,
): string {
  if (actual === null) {
    const missing = scripts === null ? null : missingSubject(expression, scripts);
    return `Threshold "${expression}" had nothing to judge${missing === null ? '.' : `: ${missing}`}`;
  }
  return `Threshold "${expression}" was not met: ${Number(actual.toPrecision(4))}${unitOf(expression)}.`;
}

function unitOf(expression: string): string {
  const { metric, isLatency, isErrorRate } = parseThreshold(expression);
  if (isLatency) return ' ms';
  if (isErrorRate || metric.kind === 'checks' || metric.kind === 'iteration-error-rate') return '%';
  return metric.kind === 'rps' ? ' per second' : '';
}

/** Why there were errors, when that is what the run failed by. */
function mostFrequentFailure({ thresholds, failures }: VerdictFacts): string | null {
  const failedByErrors = thresholds.some(
    ({ ok, expression }) =>
      !ok && ['error-rate', 'errors'].includes(parseThreshold(expression).metric.kind),
  );
  const [most] = failures;
  if (!failedByErrors || most === undefined) return null;
  const end = most.message.endsWith('.') ? '' : '.';
  const what = most.kind === 'check' ? `check "${most.message}"` : most.message;
  return `Most frequent failure, ${times(most.count)}: ${what}${end}${REMEDY_OF[most.kind] ?? ''}`;
}

/** For failures whose message does not say itself what to do. */
const REMEDY_OF: Partial<Record<FailureKind, string>> = {
  status: ' See what the target logged; a plan can count another status as a success.',
  reset: ' See what the target, or a proxy before it, logged.',
  truncated: ' See what the target, or a proxy before it, logged.',
  timeout: ' Lower the load, or raise --timeout if an answer may take so long.',
};

function times(count: number): string {
  return count === 1 ? 'once' : `${formatCount(count)} times`;
}

function milliseconds(ms: number): string {
  return `${Number(ms.toPrecision(3))} ms`;
}
