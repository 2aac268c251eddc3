import type { LiveSnapshot } from '@needletail/load/summary';

/** What is shown while a run is under way, always on standard error. */
export interface RunView {
  update(snapshot: LiveSnapshot): void;
  /** The run is draining: no new requests, the open ones are waited for. */
  ending(): void;
  /** One line that stays, above whatever is being redrawn. */
  say(line: string): void;
  /** Leaves the terminal as it was found; may be called again. */
  stop(): void;
}

/** For `--quiet`: shows nothing and says nothing. */
export const silentView: RunView = {
  update() {},
  ending() {},
  say() {},
  stop() {},
};
