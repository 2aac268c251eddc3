import { hash32 } from '@needletail/stats';
import type { Slot } from '../plan/template.ts';
import { encodeJsonText } from './encode-text.ts';

/** Gives what a slot holds in one iteration. */
export type SlotWriter = (iteration: number, row: readonly string[] | null) => string;

const TWO_TO_32 = 2 ** 32;

/**
 * The values of a slot depend on the seed, the request, the place among its slots and the iteration alone, so a run
 * replays whichever worker sends it. `encode` makes a value of the feed fit where it stands; the rest fits anywhere.
 */
export function slotWriter(slot: Slot, salt: number, encode: (text: string) => string): SlotWriter {
  switch (slot.kind) {
    case 'iteration':
      return (iteration) => `${iteration}`;
    case 'random': {
      const { from } = slot;
      const count = slot.to - from + 1;
      return (iteration) => `${from + Math.floor((hash32(salt, iteration) / TWO_TO_32) * count)}`;
    }
    case 'uuid':
      return (iteration) => uuidOf(salt, iteration);
    case 'column': {
      const { index, asJson } = slot;
      return asJson
        ? (_, row) => encode(encodeJsonText(row![index]))
        : (_, row) => encode(row![index]);
    }
  }
}

/** A seed of its own for slot `place` of the request called `name`. */
export function slotSalt(seed: number, name: string, place: number): number {
  let salt = hash32(seed, place);
  for (let index = 0; index < name.length; index += 1) salt = hash32(salt, name.charCodeAt(index));
  return salt;
}

/** Version 4, variant 10 (RFC 9562 §5.4): 122 bits from the hash. */
function uuidOf(salt: number, iteration: number): string {
  const first = hex(hash32(salt, iteration), 8);
  const second = hash32(salt + 1, iteration);
  const third = hash32(salt + 2, iteration);
  const fourth = hex(hash32(salt + 3, iteration), 8);
  const time = `${hex(second >>> 16, 4)}-4${hex(second & 0xfff, 3)}`;
  const clock = hex(0x8000 | ((third >>> 16) & 0x3fff), 4);
  return `${first}-${time}-${clock}-${hex(third & 0xffff, 4)}${fourth}`;
}

function hex(bits: number, digits: number): string {
  return bits.toString(16).padStart(digits, '0');
}
