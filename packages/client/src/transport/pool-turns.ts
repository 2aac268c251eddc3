import type { Clock } from '@needletail/wire';

/** Whoever has something to do when the turn of the loop is over. */
export interface TurnTaker {
  endTurn(): void;
}

/** Turns of the event loop as pools count them; many pools may share one, and its one callback for each turn. */
export class PoolTurns {
  /** Turns at whose end there was something to do. */
  count = 0;
  readonly #clock: Clock;
  readonly #end: () => void = () => this.#endTurn();
  #due: TurnTaker[] = [];
  #ending: TurnTaker[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `taker.endTurn` is called at the end of this turn; asking twice calls it twice. */
  join(taker: TurnTaker): void {
    this.#due.push(taker);
    if (this.#due.length === 1) this.#clock.soon(this.#end);
  }

  #endTurn(): void {
    const ending = this.#due;
    this.#due = this.#ending;
    this.#ending = ending;
    for (const taker of ending) taker.endTurn();
    ending.length = 0;
    this.count += 1;
  }
}
