const GOLDEN_RATIO = 0x9e3779b9;
const TWO_TO_32 = 2 ** 32;

/**
 * A number from 0 to 2^32-1 that depends on `seed` and on the integer `n` alone: every worker that asks about request
 * `n` gets the same answer, in any order and with no state. Integers up to 2^53 count in full. For choices, not for
 * secrets. Mixing is the finaliser of MurmurHash3 (Austin Appleby).
 */
export function hash32(seed: number, n: number): number {
  const high = Math.floor(n / TWO_TO_32);
  const seeded = mix(seed + GOLDEN_RATIO) ^ mix(Math.floor(seed / TWO_TO_32));
  // Steps of the golden ratio keep neighbours apart and 0 from mapping to itself.
  return mix(mix(seeded + Math.imul(n, GOLDEN_RATIO)) ^ mix(high + Math.imul(n, 0x85ebca6b))) >>> 0;
}

/** One-to-one on 32 bits; every input bit flips every output bit about half the time. */
function mix(bits: number): number {
  let mixed = bits | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
