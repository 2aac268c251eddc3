import type { Clock } from '@needletail/wire';

/** Whoever has something to do when the turn of the loop is over. */
export interface TurnTaker {
  /** Brings together what came in the turn. */
  match(): void;
  /** Lets go of what nobody took, once every taker has matched. */
  rest(): void;
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

  /** `taker` is called at the end of this turn, as often as it joins; what joins meanwhile, at the end of the next. */
  join(taker: TurnTaker): void {
    this.#due.push(taker);
    if (this.#due.length === 1) this.#clock.soon(this.#end);
  }

  #endTurn(): void {
    const ending = this.#due;
    this.#due = this.#ending;
    this.#ending = ending;
    for (const taker of ending) taker.match();
    for (const taker of ending) taker.rest();
    ending.length = 0;
    this.count += 1;
  }
}
