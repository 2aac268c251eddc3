import type { Clock } from '@needletail/wire';
import type { RequestLog } from './request-record.ts';

/** Requests that wait for a connection at a time: more at once would only queue in the target's backlog. */
const MOST_OPENING = 64;

/** Users who are to begin, let in as the connections of those before them open. */
export class StartLine {
  readonly #clock: Clock;
  readonly #log: RequestLog;
  readonly #waiting: (() => void)[] = [];
  #isScheduled = false;

  constructor(clock: Clock, log: RequestLog) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Calls `begin` later, never within this call: who begins may let the next one in. */
  enter(begin: () => void): void {
    this.#waiting.push(begin);
    this.#schedule();
  }

  readonly #schedule = (): void => {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.soon(() => this.#admit());
  };

  #admit(): void {
    this.#isScheduled = false;
    const log = this.#log;
    const admitted = this.#waiting.splice(0, Math.max(0, MOST_OPENING - log.unsent));
    log.onSent = this.#waiting.length === 0 ? null : this.#schedule;
    for (const begin of admitted) begin();
  }
}
