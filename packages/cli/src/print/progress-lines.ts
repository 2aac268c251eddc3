import type { LiveSnapshot } from '@needletail/load/summary';
import { formatCount, formatMs, formatRate } from './figures.ts';
import { flow } from './layout.ts';
import type { RunView } from './run-view.ts';

const leastGapMs = 900;
const indent = 7;
const gap = '  ';

/**
 * For pipes and log files: one line a second, no escape sequences, so that it can be read and grepped later. A terminal of
 * `width` columns gets it on as many lines as it takes.
 */
export function createProgressLines(
  write: (text: string) => void,
  width: number = Infinity,
): RunView {
  let shownAtMs = -Infinity;
  return {
    update(snapshot) {
      if (snapshot.elapsedMs - shownAtMs < leastGapMs) return;
      shownAtMs = snapshot.elapsedMs;
      const lines = flow(progressParts(snapshot), width - indent, gap);
      write(`${lines.join(`\n${' '.repeat(indent)}`)}\n`);
    },
    ending() {},
    say(line) {
      write(`${line}\n`);
    },
    stop() {},
  };
}

/** `  3s  18,204/s  p50 2.60 ms  p99 7.90 ms  ok 54,612  failed 0  timed out 0  dropped 0`. */
function progressParts(snapshot: LiveSnapshot): readonly string[] {
  const { elapsedMs, warmingUp, point, ledger, scripts } = snapshot;
  return [
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
}
