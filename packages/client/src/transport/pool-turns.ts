import type { Clock } from '@needletail/wire';

/** Connections are looked at this often where a request need not wait for that: what a server promises are seconds. */
const REST_EVERY_MS = 100;

/** Whoever has something to do when the turn of the loop is over. */
export interface TurnTaker {
  /** Brings together what came in the turn. */
  match(): void;
  /** Lets go of what nobody took, once every taker has matched. */
  rest(): void;
  /** Kept by the turns: it will be asked to rest. */
  isResting: boolean;
}

/** Turns of the event loop as pools count them; many pools may share one, and its one callback for each turn. */
export class PoolTurns {
  /** Turns at whose end there was something to do. */
  count = 0;
  readonly #clock: Clock;
  readonly #end: () => void = () => this.#endTurn();
  #due: TurnTaker[] = [];
  #ending: TurnTaker[] = [];
  #resting: TurnTaker[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `taker` is called at the end of this turn, as often as it joins; what joins meanwhile, at the end of the next. */
  join(taker: TurnTaker): void {
    this.#due.push(taker);
    if (this.#due.length === 1) this.#clock.soon(this.#end);
  }

  /**
   * `taker.rest` is called within a tenth of a second. For whoever hands out connections at once, and would otherwise have
   * work to do, and a poll of the event loop that waits for nothing, at the end of every turn.
   */
  joinLater(taker: TurnTaker): void {
    if (taker.isResting) return;
    taker.isResting = true;
    this.#resting.push(taker);
    if (this.#resting.length > 1) return;
    const timer = this.#clock.setTimer(REST_EVERY_MS, () => this.#letRest());
    this.#clock.unrefTimer?.(timer);
  }

  #letRest(): void {
    const resting = this.#resting;
    this.#resting = [];
    for (const taker of resting) {
      taker.isResting = false;
      taker.rest();
    }
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
