import type { ArrivalPacer, UserPacer } from './pacer.ts';

/** Puts `warmUpMs` at the starting level of a shape before it; the shape itself begins when the warm-up ends. */
export function precedeArrivals(pacer: ArrivalPacer, warmUpMs: number): ArrivalPacer {
  if (warmUpMs === 0) return pacer;
  const ratePerSecond = pacer.rateAt(0);
  const warmUpCount = Math.floor((ratePerSecond * warmUpMs) / 1000);
  return {
    model: 'open',
    dueMs: (n) =>
      n < warmUpCount ? (n * 1000) / ratePerSecond : warmUpMs + pacer.dueMs(n - warmUpCount),
    rateAt: (elapsedMs) => pacer.rateAt(Math.max(0, elapsedMs - warmUpMs)),
    endMs: warmUpMs + pacer.endMs,
    total: pacer.total === null ? null : pacer.total + warmUpCount,
  };
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
