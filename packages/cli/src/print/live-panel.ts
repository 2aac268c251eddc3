import type { LiveSnapshot, SeriesPoint } from '@needletail/load/summary';
import { systemClock, type Clock, type TimerHandle } from '@needletail/wire';
import { createLogUpdate } from 'log-update';
import { renderLiveFrame } from './live-frame.ts';
import type { RunView } from './run-view.ts';
import { createStyle } from './style.ts';
import { displayWidth } from './text-width.ts';

// A frame costs half a millisecond of processor, two while the code is cold: at four a second the panel takes well
// under one percent of a core from the generators.
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
  /** What the keys do now; absent when there are none. */
  readonly keys?: () => string;
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
  #lastFrame = '';
  #columns: number;

  constructor(options: LivePanelOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#draw = createLogUpdate(options.terminal);
    process.once('exit', this.#restoreCursor);
    options.terminal.on('resize', this.#clearReflowed);
    this.#columns = this.#readColumns();
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
    this.#options.terminal.removeListener('resize', this.#clearReflowed);
  }

  readonly #restoreCursor = (): void => {
    this.#options.terminal.write(showCursor);
  };

  /**
   * A terminal made narrower breaks the lines of the last frame into more rows than log-update knows of; what it could
   * not erase would stay above the panel.
   */
  readonly #clearReflowed = (): void => {
    const columns = this.#readColumns();
    if (columns < this.#columns) {
      const rows = this.#lastFrame
        .split('\n')
        .reduce((total, line) => total + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0);
      this.#draw.done();
      this.#options.terminal.write(`\u001b[${rows}A\r\u001b[J`);
    }
    this.#columns = columns;
  };

  #readColumns(): number {
    return this.#options.terminal.columns ?? defaultColumns;
  }

  #frame(): void {
    const { terminal, color, target, description, keys } = this.#options;
    const sinceSnapshotMs = this.#snapshot === null ? 0 : this.#clock.now() - this.#snapshotAt;
    const frame = renderLiveFrame(
      {
        target,
        description,
        snapshot: this.#snapshot,
        elapsedMs: (this.#snapshot?.elapsedMs ?? 0) + sinceSnapshotMs,
        points: this.#points,
        ending: this.#ending,
        keys: keys?.() ?? null,
      },
      {
        // The last column stays free: a terminal that wraps at it would scroll the panel away line by line.
        width: Math.max(40, this.#readColumns() - 1),
        height: (terminal.rows ?? defaultRows) - 1,
        style: createStyle(color),
      },
    );
    // log-update 7.2 leaves lines at the end alone when they have not changed, even when they have moved.
    if (lineCount(frame) !== lineCount(this.#lastFrame)) this.#draw.clear();
    this.#draw(frame);
    this.#lastFrame = frame;
    this.#timer = this.#clock.setTimer(frameMs, () => this.#frame());
  }
}

function lineCount(text: string): number {
  return text.split('\n').length;
}
