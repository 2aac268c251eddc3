import { describe, expect, it } from 'vitest';
import { Tickets } from './tickets.ts';

const UNLIMITED = { maxRequests: null, maxIterations: null };

describe('Tickets', () => {
  it('numbers iterations uniquely across workers when there is no limit', () => {
    const shared = Tickets.createShared();
    const workers = [0, 1, 2].map((worker) => new Tickets(shared, UNLIMITED, worker, 3));
    const taken = workers.flatMap((tickets) => [1, 2, 3, 4].map(() => tickets.takeIteration()));
    expect(new Set(taken).size).toBe(12);
    expect(Math.max(...taken)).toBe(11);
  });

  it('deals out exactly the limit, whoever draws', () => {
    const shared = Tickets.createShared();
    const limits = { maxRequests: 5, maxIterations: 3 };
    const left = new Tickets(shared, limits, 0, 2);
    const right = new Tickets(shared, limits, 1, 2);
    const granted = Array.from({ length: 10 }, (_, n) =>
      (n % 3 === 0 ? left : right).takeRequest(),
    );
    expect(granted.filter(Boolean)).toHaveLength(5);
    const iterations = Array.from({ length: 6 }, (_, n) => (n % 2 ? left : right).takeIteration());
    expect(iterations.filter((n) => n >= 0).toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  });

  it('is exhausted from the first refusal on', () => {
    const tickets = new Tickets(Tickets.createShared(), { ...UNLIMITED, maxRequests: 1 }, 0, 1);
    expect(tickets.takeRequest()).toBe(true);
    expect(tickets.requestsExhausted).toBe(false);
    expect(tickets.takeRequest()).toBe(false);
    expect(tickets.requestsExhausted).toBe(true);
    expect(tickets.iterationsExhausted).toBe(false);
  });
});
