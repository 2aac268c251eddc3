// Allocates: nothing for a name that this thread has met; a string and a map entry for each new one, up to the capacity.
// Invariant: a place is written once, by the thread that claimed it, and only after all places before it are settled:
// hence a name has the same index in every thread. Guarded by name-table.test.ts with real threads.

/** States of a place; a claim is the negative of the claimer's number. */
const EMPTY = 0;
const READY = 1;
const GIVEN_UP = 2;

/** Cells of the header. */
const CAPACITY = 0;
const NAME_BYTES = 1;
const CLAIMERS = 2;
const HEADER_CELLS = 4;

/** A claim is settled within microseconds unless its thread was descheduled or terminated. */
const CLAIM_LOOK_MS = 1;
const CLAIM_LOOKS = 20;

const ELLIPSIS = '…';
const ELLIPSIS_BYTES = 3;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Names that several threads give the same numbers: append only, in memory they share, of fixed capacity.
 * A place whose thread ended while writing it is given up after 20 ms and stays unused.
 */
export class NameTable {
  readonly capacity: number;
  readonly #nameBytes: number;
  readonly #states: Int32Array;
  readonly #lengths: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #claim: number;
  readonly #indexes = new Map<string, number>();
  /** By index, as far as this thread has read; empty for a place that was given up. */
  readonly #names: string[] = [];

  /** Memory for `capacity` names; longer ones than `maxNameBytes` in UTF-8 are cut. */
  static createShared(capacity: number, maxNameBytes = 200): SharedArrayBuffer {
    const nameBytes = Math.ceil(maxNameBytes / 4) * 4;
    const sizeBytes = (HEADER_CELLS + 2 * capacity) * 4 + capacity * nameBytes;
    const buffer = new SharedArrayBuffer(sizeBytes);
    const header = new Int32Array(buffer, 0, HEADER_CELLS);
    header[CAPACITY] = capacity;
    header[NAME_BYTES] = nameBytes;
    return buffer;
  }

  constructor(buffer: SharedArrayBuffer) {
    const header = new Int32Array(buffer, 0, HEADER_CELLS);
    this.capacity = header[CAPACITY]!;
    this.#nameBytes = header[NAME_BYTES]!;
    this.#claim = -(Atomics.add(header, CLAIMERS, 1) + 1);
    let byteOffset = HEADER_CELLS * 4;
    this.#states = new Int32Array(buffer, byteOffset, this.capacity);
    byteOffset += this.capacity * 4;
    this.#lengths = new Int32Array(buffer, byteOffset, this.capacity);
    byteOffset += this.capacity * 4;
    this.#bytes = new Uint8Array(buffer, byteOffset);
  }

  /** Number of a name, the same in all threads; -1 for a new name when the table is full. */
  intern(name: string): number {
    return this.#indexes.get(name) ?? this.#internNew(name);
  }

  /** All names so far by index; empty for a place that was given up. */
  names(): readonly string[] {
    this.#readSettled();
    return [...this.#names];
  }

  /** Places in use so far. */
  get count(): number {
    this.#readSettled();
    return this.#names.length;
  }

  get isFull(): boolean {
    return this.count === this.capacity;
  }

  #internNew(name: string): number {
    const text = this.#shortened(name);
    for (;;) {
      this.#readSettled();
      const known = this.#indexes.get(text);
      if (known !== undefined) return known;
      const place = this.#names.length;
      if (place === this.capacity) return -1;
      const found = Atomics.compareExchange(this.#states, place, EMPTY, this.#claim);
      if (found === EMPTY) this.#write(place, text);
      else if (found < 0) this.#awaitClaim(place, found);
    }
  }

  #write(place: number, text: string): void {
    const start = place * this.#nameBytes;
    const encoded = encoder.encode(text);
    this.#bytes.set(encoded, start);
    this.#lengths[place] = encoded.length;
    // Fails only when others have given this thread up, who was away for too long: then the next place is tried.
    Atomics.compareExchange(this.#states, place, this.#claim, READY);
    Atomics.notify(this.#states, place);
  }

  #awaitClaim(place: number, claim: number): void {
    for (let look = 0; look < CLAIM_LOOKS; look += 1) {
      if (Atomics.wait(this.#states, place, claim, CLAIM_LOOK_MS) !== 'timed-out') return;
    }
    Atomics.compareExchange(this.#states, place, claim, GIVEN_UP);
  }

  #readSettled(): void {
    for (let place = this.#names.length; place < this.capacity; place += 1) {
      const state = Atomics.load(this.#states, place);
      if (state <= EMPTY) return;
      const name = state === READY ? this.#read(place) : '';
      this.#names.push(name);
      if (state === READY) this.#indexes.set(name, place);
    }
  }

  #read(place: number): string {
    const start = place * this.#nameBytes;
    // Copied first: decoders refuse views of shared memory.
    return decoder.decode(this.#bytes.slice(start, start + this.#lengths[place]!));
  }

  /** As it is read back: whole characters only, cut to fit its place. */
  #shortened(name: string): string {
    const encoded = encoder.encode(name);
    if (encoded.length <= this.#nameBytes) return decoder.decode(encoded);
    let end = this.#nameBytes - ELLIPSIS_BYTES;
    // UTF-8 continuation bytes are 10xxxxxx (RFC 3629 §3).
    while ((encoded[end]! & 0xc0) === 0x80) end -= 1;
    return decoder.decode(encoded.subarray(0, end)) + ELLIPSIS;
  }
}
