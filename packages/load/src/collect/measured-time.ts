/** What of a run is measured: all that is due from the end of the warm-up on, whenever it ends. */
export class MeasuredTime {
  /** What was due before is not counted. During the warm-up that is nothing: its figures are shown, and forgotten at its end. */
  from: number = -Infinity;
  readonly #onStart: (from: number) => void;
  #startsAt = Infinity;

  /** Told once, at the end of a warm-up: what was counted until then is to be forgotten. */
  constructor(onStart: (from: number) => void = () => undefined) {
    this.#onStart = onStart;
  }

  /** There is a warm-up, and it ends at `startsAt`. */
  expect(startsAt: number): void {
    this.#startsAt = startsAt;
  }

  /** Whether what is due at `dueAt` counts. The first that is due after the warm-up ends it: a timer may come later. */
  has(dueAt: number): boolean {
    if (dueAt >= this.#startsAt) this.start();
    return dueAt >= this.from;
  }

  /** Ends the warm-up, if that has not happened yet. */
  start(): void {
    if (this.#startsAt === Infinity) return;
    this.from = this.#startsAt;
    this.#startsAt = Infinity;
    this.#onStart(this.from);
  }
}
