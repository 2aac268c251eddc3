import { SAME_MOMENT_MS } from './precise-timer.ts';

/** A stretch of the run's clock in which nothing is begun; its end is not known while the run is paused. */
export class Hold {
  from: number = Infinity;
  until: number = -Infinity;

  /** Whether the end is yet to be said. */
  get isOpenEnded(): boolean {
    return this.until === Infinity;
  }

  begin(at: number): void {
    this.from = at;
    this.until = Infinity;
  }

  /** Gives its length. */
  end(at: number): number {
    this.until = Math.max(at, this.from);
    return this.until - this.from;
  }

  covers(now: number): boolean {
    return now >= this.from - SAME_MOMENT_MS && now < this.until - SAME_MOMENT_MS;
  }

  /** From when time counts that begins now: during a hold it stands still at the beginning until the end is said. */
  afterIt(now: number): number {
    if (!this.covers(now)) return now;
    return this.isOpenEnded ? this.from : this.until;
  }
}
