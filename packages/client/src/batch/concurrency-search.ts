/*
 * Finds how many requests in flight a target can use. With n in flight the throughput X(n) rises in proportion until the
 * target is busy (the knee); beyond it only the latency L(n) rises, by Little's law n = X·L.
 *
 *   X │        ┌────────       rising    n doubles for as long as X follows; L so far is that of an idle target
 *     │      ╱ knee            settled   n moves to n·idle/L, the knee, and a little beyond, so that a higher one shows
 *     │    ╱                   probing   a window at n/2 measures the idle latency again: it is the target's, not ours,
 *     └──────────── n                    to change. If X did not fall, the knee is below n/2, and n/2 is the new n
 *
 * Failures that a busy target may be the reason for push n down at once and keep it there for a while.
 */

export interface ConcurrencyBounds {
  readonly least: number;
  readonly most: number;
}

const BOUNDS: ConcurrencyBounds = { least: 1, most: 256 };
/** Items of a window: quick at one in flight, and enough rounds of n for a mean that stands still. */
const RISING_ITEMS = 24;
const SETTLED_ITEMS = 64;
const QUICK_ROUNDS = 4;
const SETTLED_ROUNDS = 6;
/** What doubling n must multiply throughput by to be worth doubling again. */
const WORTH_DOUBLING = 1.3;
/** Halving n below the knee halves throughput; above it, it changes nothing. */
const STILL_BUSY = 0.8;
/** How far beyond the knee n rests: what lets a higher one show. */
const BEYOND_SHARE = 0.1;
const BEYOND_LEAST = 0.5;
/** Of the way to where a window says n should be. */
const STEP = 0.5;
/** Windows in a row that show an idle target, each half as bold again as the last. */
const BOLDER = 1.5;
const BOLDEST = 5;
const IDLE_WITHIN = 1.05;
const PROBE_EVERY_WINDOWS = 12;
/** A latency this much above idle is not believed before the idle one has been measured again. */
const SURPRISE = 1.5;
const OVERLOAD_SHARE = 0.05;
const OVERLOAD_FACTOR = 0.7;
/** Windows for which nothing above a concurrency that failed is tried. */
const CEILING_WINDOWS = 12;

/** What one window of ended items showed. */
interface WindowFigures {
  /** Items per millisecond. */
  readonly throughput: number;
  readonly latencyMs: number;
  readonly failedShare: number;
}

/** The search as a state machine without a clock: ended items go in, `limit` says how many may be in flight. */
export class ConcurrencySearch {
  readonly #bounds: ConcurrencyBounds;
  #stage: 'rising' | 'settled' | 'probing' = 'rising';
  #limit: number;
  #window = new Window(-Infinity);
  #idleLatencyMs = 0;
  #lastThroughput = 0;
  /** Where a probe came from. */
  #restingLimit = 0;
  #idleWindows = 0;
  #windowsToProbe = PROBE_EVERY_WINDOWS;
  #ceiling = Infinity;
  #ceilingWindows = 0;

  constructor(bounds: ConcurrencyBounds = BOUNDS) {
    this.#bounds = bounds;
    this.#limit = bounds.least;
  }

  /** How many may be in flight now. */
  get limit(): number {
    return Math.round(this.#limit);
  }

  /** An item ended. `isOverload`: it failed in a way that a busy target may be the reason for. */
  record(startedMs: number, endedMs: number, isOverload: boolean): void {
    this.#window.add(startedMs, endedMs, isOverload);
    const least = this.#stage === 'rising' ? RISING_ITEMS : SETTLED_ITEMS;
    const rounds = this.#stage === 'settled' ? SETTLED_ROUNDS : QUICK_ROUNDS;
    if (this.#window.items < Math.max(least, this.#limit * rounds)) return;
    const figures = this.#window.figures(endedMs);
    this.#window = new Window(endedMs);
    if (figures.failedShare > OVERLOAD_SHARE) this.#backOff();
    else if (this.#stage === 'rising') this.#rise(figures);
    else if (this.#stage === 'probing') this.#judgeProbe(figures);
    else this.#settle(figures);
  }

  #backOff(): void {
    this.#ceiling = this.#limit - 1;
    this.#ceilingWindows = CEILING_WINDOWS;
    this.#stage = 'settled';
    this.#windowsToProbe = PROBE_EVERY_WINDOWS;
    this.#moveTo(this.#limit * OVERLOAD_FACTOR);
  }

  #rise({ throughput, latencyMs }: WindowFigures): void {
    const isFirst = this.#idleLatencyMs === 0;
    const follows = throughput >= this.#lastThroughput * WORTH_DOUBLING;
    this.#lastThroughput = throughput;
    if (follows) {
      // Later windows hold more items, and are as idle as the first: each counts as much as all before it.
      this.#idleLatencyMs = isFirst ? latencyMs : (this.#idleLatencyMs + latencyMs) / 2;
    }
    if (follows && this.#limit < this.#bounds.most) {
      this.#moveTo(this.#limit * 2);
      return;
    }
    this.#stage = 'settled';
    this.#moveTo((this.#limit * this.#idleLatencyMs) / Math.max(latencyMs, this.#idleLatencyMs));
  }

  #settle({ throughput, latencyMs }: WindowFigures): void {
    this.#lastThroughput = throughput;
    this.#windowsToProbe -= 1;
    this.#ceilingWindows -= 1;
    if (this.#ceilingWindows <= 0) this.#ceiling = Infinity;
    const isSurprise = latencyMs > this.#idleLatencyMs * SURPRISE;
    if ((this.#windowsToProbe <= 0 || isSurprise) && this.#limit >= 2 * this.#bounds.least) {
      this.#stage = 'probing';
      this.#restingLimit = this.#limit;
      this.#moveTo(this.#limit / 2);
      return;
    }
    const isIdle = latencyMs <= this.#idleLatencyMs * IDLE_WITHIN;
    this.#idleWindows = isIdle ? this.#idleWindows + 1 : 0;
    const boldness = Math.min(BOLDEST, BOLDER ** Math.max(0, this.#idleWindows - 1));
    const beyond = Math.max(BEYOND_LEAST, this.#limit * BEYOND_SHARE) * boldness;
    const knee = this.#limit * Math.min(1, this.#idleLatencyMs / latencyMs);
    this.#moveTo(this.#limit + (knee + beyond - this.#limit) * STEP);
  }

  #judgeProbe({ throughput, latencyMs }: WindowFigures): void {
    this.#stage = 'settled';
    this.#windowsToProbe = PROBE_EVERY_WINDOWS;
    if (throughput > this.#lastThroughput * STILL_BUSY) {
      // The next window is a surprise too unless the knee has been passed: n is halved until it is.
      this.#idleLatencyMs = Math.min(this.#idleLatencyMs, latencyMs);
      this.#lastThroughput = throughput;
      return;
    }
    this.#idleLatencyMs = latencyMs;
    this.#moveTo(this.#restingLimit);
  }

  #moveTo(limit: number): void {
    const most = Math.max(this.#bounds.least, Math.min(this.#bounds.most, this.#ceiling));
    this.#limit = Math.min(most, Math.max(this.#bounds.least, limit));
  }
}

/** Sums over items that started after the last judgement: those before belong to another concurrency. */
class Window {
  items = 0;
  readonly #openedMs: number;
  /** When the first of them ended; that one opens the window and is not counted. */
  #firstMs = Number.NaN;
  #failed = 0;
  #latencyMs = 0;

  constructor(openedMs: number) {
    this.#openedMs = openedMs;
  }

  add(startedMs: number, endedMs: number, isOverload: boolean): void {
    if (startedMs < this.#openedMs) return;
    if (Number.isNaN(this.#firstMs)) {
      this.#firstMs = endedMs;
      return;
    }
    this.items += 1;
    this.#latencyMs += endedMs - startedMs;
    if (isOverload) this.#failed += 1;
  }

  figures(nowMs: number): WindowFigures {
    return {
      // A clock too coarse to tell the items apart must not divide by nothing.
      throughput: this.items / Math.max(nowMs - this.#firstMs, 1e-6),
      latencyMs: this.#latencyMs / this.items,
      failedShare: this.#failed / this.items,
    };
  }
}
