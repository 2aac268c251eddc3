import { Histogram } from '@needletail/stats';

/** Cuts one block of shared memory into the views that are asked for, in that order; every thread that asks alike sees the same. */
export class MemoryLayout {
  readonly #buffer: SharedArrayBuffer;
  #byteOffset = 0;

  constructor(buffer: SharedArrayBuffer) {
    this.#buffer = buffer;
  }

  /** Where the next view begins. */
  get byteOffset(): number {
    return this.#byteOffset;
  }

  floats(length: number): Float64Array {
    const view = new Float64Array(this.#buffer, this.#byteOffset, length);
    this.#byteOffset += view.byteLength;
    return view;
  }

  histogram(digits: 2 | 3): Histogram {
    const made = new Histogram({ digits, buffer: this.#buffer, byteOffset: this.#byteOffset });
    this.#byteOffset += Histogram.sizeBytes(digits);
    return made;
  }
}
