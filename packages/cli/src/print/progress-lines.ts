import type { LiveSnapshot } from '@needletail/load/summary';
import { formatCount, formatMs, formatRate } from './figures.ts';
import type { RunView } from './run-view.ts';

const leastGapMs = 900;

/** For pipes and log files: one line a second, no escape sequences, so that it can be read and grepped later. */
export function createProgressLines(write: (text: string) => void): RunView {
  let shownAtMs = -Infinity;
  return {
    update(snapshot) {
      if (snapshot.elapsedMs - shownAtMs < leastGapMs) return;
      shownAtMs = snapshot.elapsedMs;
      write(`${progressLine(snapshot)}\n`);
    },
    ending() {},
    say(line) {
      write(`${line}\n`);
    },
    stop() {},
  };
}

/** `  3s  18,204/s  p50 2.60 ms  p99 7.90 ms  ok 54,612  failed 0  timed out 0  dropped 0`. */
export function progressLine(snapshot: LiveSnapshot): string {
  const { elapsedMs, warmingUp, point, ledger, scripts } = snapshot;
  const parts = [
    `${Math.round(elapsedMs / 1000)}s`.padStart(5),
    ...(warmingUp ? ['warming up'] : []),
    `${formatRate(point.requestsPerSecond)}/s`.padStart(10),
    `p50 ${formatMs(point.latencyMs.p50)}`,
    `p99 ${formatMs(point.latencyMs.p99)}`,
    `ok ${formatCount(ledger.ok)}`,
    `failed ${formatCount(ledger.failed)}`,
    `timed out ${formatCount(ledger.timedOut)}`,
    `dropped ${formatCount(ledger.dropped)}`,
    ...(scripts === null
      ? []
      : [
          `iterations ${formatRate(scripts.iterationsPerSecond)}/s`,
          `checks failed ${formatCount(scripts.checks.failed)}`,
        ]),
  ];
  return parts.join('  ');
}
