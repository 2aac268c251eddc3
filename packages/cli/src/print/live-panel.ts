import type { LiveSnapshot, SeriesPoint } from '@needletail/load/summary';
import { systemClock, type Clock, type TimerHandle } from '@needletail/wire';
import { createLogUpdate } from 'log-update';
import { renderLiveFrame } from './live-frame.ts';
import type { RunView } from './run-view.ts';
import { createStyle } from './style.ts';

// Four frames a second: a frame costs about a millisecond of processor, so the panel stays under half a percent of a
// core. More would take time from the generator that shares the thread.
const frameMs = 250;
const defaultColumns = 80;
const defaultRows = 24;
const mostPoints = 600;
const showCursor = '\u001b[?25h';

/** A terminal to draw on: `process.stderr` or a fake. */
export type Terminal = NodeJS.WritableStream & {
  readonly columns?: number;
  readonly rows?: number;
};

export interface LivePanelOptions {
  readonly terminal: Terminal;
  readonly color: boolean;
  readonly target: string;
  readonly description: string;
  readonly clock?: Clock;
}

/** The run redrawn in place four times a second; reads the size of the terminal for each frame. */
export class LivePanel implements RunView {
  readonly #options: LivePanelOptions;
  readonly #clock: Clock;
  readonly #draw: ReturnType<typeof createLogUpdate>;
  readonly #points: SeriesPoint[] = [];
  #snapshot: LiveSnapshot | null = null;
  #snapshotAt = 0;
  #ending = false;
  #timer: TimerHandle = null;
  #stopped = false;

  constructor(options: LivePanelOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#draw = createLogUpdate(options.terminal);
    process.once('exit', this.#restoreCursor);
    this.#frame();
  }

  update(snapshot: LiveSnapshot): void {
    if (this.#snapshot?.point.t !== snapshot.point.t) this.#points.push(snapshot.point);
    if (this.#points.length > mostPoints) this.#points.shift();
    this.#snapshot = snapshot;
    this.#snapshotAt = this.#clock.now();
  }

  say(line: string): void {
    if (this.#stopped) this.#options.terminal.write(`${line}\n`);
    else this.#draw.persist(line);
  }

  ending(): void {
    this.#ending = true;
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#timer !== null) this.#clock.clearTimer(this.#timer);
    this.#draw.clear();
    this.#draw.done();
    this.#restoreCursor();
    process.removeListener('exit', this.#restoreCursor);
  }

  readonly #restoreCursor = (): void => {
    this.#options.terminal.write(showCursor);
  };

  #frame(): void {
    const { terminal, color, target, description } = this.#options;
    const sinceSnapshotMs = this.#snapshot === null ? 0 : this.#clock.now() - this.#snapshotAt;
    const frame = renderLiveFrame(
      {
        target,
        description,
        snapshot: this.#snapshot,
        elapsedMs: (this.#snapshot?.elapsedMs ?? 0) + sinceSnapshotMs,
        points: this.#points,
        ending: this.#ending,
      },
      {
        // The last column stays free: a terminal that wraps at it would scroll the panel away line by line.
        width: Math.max(40, (terminal.columns ?? defaultColumns) - 1),
        height: (terminal.rows ?? defaultRows) - 1,
        style: createStyle(color),
      },
    );
    this.#draw(frame);
    this.#timer = this.#clock.setTimer(frameMs, () => this.#frame());
  }
}
