/** How long a faulty server takes, as plain data so that it can be handed to a child process. Times in milliseconds. */
export type DelayDistribution =
  | { readonly kind: 'constant'; readonly delayMs: number }
  | { readonly kind: 'exponential'; readonly meanMs: number }
  | {
      readonly kind: 'bimodal';
      readonly lowMs: number;
      readonly highMs: number;
      readonly highShare: number;
    }
  | { readonly kind: 'lognormal'; readonly medianMs: number; readonly sigma: number }
  | { readonly kind: 'pareto'; readonly minimumMs: number; readonly shape: number };

/** A source of delays; the same seed gives the same row of them. */
export function createDelaySampler(distribution: DelayDistribution, seed: number): () => number {
  const random = seededRandom(seed);
  switch (distribution.kind) {
    case 'constant':
      return () => distribution.delayMs;
    case 'exponential':
      return () => -Math.log(1 - random()) * distribution.meanMs;
    case 'bimodal':
      return () => (random() < distribution.highShare ? distribution.highMs : distribution.lowMs);
    case 'lognormal':
      return () => distribution.medianMs * Math.exp(distribution.sigma * standardNormal(random));
    case 'pareto':
      return () => distribution.minimumMs / (1 - random()) ** (1 / distribution.shape);
  }
}

/** Uniform numbers in [0, 1): the 32-bit mixer of a Weyl sequence known as mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Box and Muller's transform; one of its two numbers is enough here. */
function standardNormal(random: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}
