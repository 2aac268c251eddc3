import type { ArrivalPacer, UserPacer } from './pacer.ts';

/** Puts `warmUpMs` at the starting level of a shape before it; the shape itself begins when the warm-up ends. */
export function precedeArrivals(pacer: ArrivalPacer, warmUpMs: number): ArrivalPacer {
  if (warmUpMs === 0) return pacer;
  const ratePerSecond = pacer.rateAt(0);
  const warmUpCount = warmUpRequests(pacer, warmUpMs);
  return {
    model: 'open',
    dueMs: (n) =>
      n < warmUpCount ? (n * 1000) / ratePerSecond : warmUpMs + pacer.dueMs(n - warmUpCount),
    rateAt: (elapsedMs) => pacer.rateAt(Math.max(0, elapsedMs - warmUpMs)),
    endMs: warmUpMs + pacer.endMs,
    total: pacer.total === null ? null : pacer.total + warmUpCount,
  };
}

/** Requests that such a warm-up adds to a schedule. */
export function warmUpRequests(pacer: ArrivalPacer, warmUpMs: number): number {
  return Math.floor((pacer.rateAt(0) * warmUpMs) / 1000);
}

/** The same for users: at least one, so that there is something to warm up with. */
export function precedeUsers(pacer: UserPacer, warmUpMs: number): UserPacer {
  if (warmUpMs === 0) return pacer;
  const before = Math.max(1, pacer.usersAt(0));
  return {
    model: 'closed',
    usersAt: (elapsedMs) => (elapsedMs < warmUpMs ? before : pacer.usersAt(elapsedMs - warmUpMs)),
    peakUsers: Math.max(before, pacer.peakUsers),
    endMs: warmUpMs + pacer.endMs,
    nextChangeMs: (elapsedMs) =>
      elapsedMs < warmUpMs ? warmUpMs : warmUpMs + pacer.nextChangeMs(elapsedMs - warmUpMs),
  };
}
