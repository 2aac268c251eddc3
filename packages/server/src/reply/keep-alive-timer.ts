/** What has to say something when it was silent for long. */
export interface Silent {
  /** When it spoke last, on the clock of `performance.now()`. */
  readonly spokeAtMs: number;
  readonly keepAliveMs: number;
  keepAlive(): void;
}

/** Nobody needs to know to the millisecond. */
const TICK_MS = 500;

const watched = new Set<Silent>();
let timer: NodeJS.Timeout | null = null;

/** One timer for all of them, and none when there are none. */
export function watchSilence(stream: Silent): void {
  watched.add(stream);
  timer ??= setInterval(tick, TICK_MS).unref();
}

export function unwatchSilence(stream: Silent): void {
  watched.delete(stream);
  if (watched.size > 0 || timer === null) return;
  clearInterval(timer);
  timer = null;
}

function tick(): void {
  const nowMs = performance.now();
  for (const stream of watched) {
    if (nowMs - stream.spokeAtMs >= stream.keepAliveMs) stream.keepAlive();
  }
}
