// Hot: runs once for each socket that something was sent to outside of its own reads. Allocates nothing per flush.
// The caller may flush earlier on its own: a flush without anything to write does nothing.
// Guarded by bench/src/server-websocket.ts.

/** Something with bytes to write soon. */
export interface Flushable {
  flush(): void;
}

/**
 * Calls `flush` once on each of those added, when the code that runs now and the promises it settles have run: whatever they
 * send leaves in one write. After `most` of them other work gets its turn before the next.
 */
export class FlushQueue {
  readonly #most: number;
  readonly #waiting = new Set<Flushable>();
  #isScheduled = false;
  readonly #run = (): void => this.#flushSome();

  constructor(most: number) {
    this.#most = most;
  }

  add(one: Flushable): void {
    this.#waiting.add(one);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(this.#run);
  }

  #flushSome(): void {
    let left = this.#most;
    for (const one of this.#waiting) {
      if (left === 0) {
        // After input and output that is ready: a tick or a promise would come before it.
        setImmediate(this.#run);
        return;
      }
      left -= 1;
      this.#waiting.delete(one);
      one.flush();
    }
    this.#isScheduled = false;
  }
}

/** A write costs the system 5 to 10 µs: this many keep the loop busy for 1 to 3 ms. */
const BROADCAST_AT_ONCE = 256;

/** What single sockets are sent: all at the end of the turn. */
export const soonQueue: FlushQueue = new FlushQueue(Infinity);
/** What goes to many sockets: some in each turn. */
export const broadcastQueue: FlushQueue = new FlushQueue(BROADCAST_AT_ONCE);
