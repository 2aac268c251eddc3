import { ControlError, type ControlStatus, type RunControl } from '@needletail/load';
import { formatCount, formatRate } from '../print/figures.ts';

/** The keyboard: `process.stdin` of a terminal, or a fake. */
export type Keyboard = NodeJS.EventEmitter & {
  readonly isTTY?: boolean;
  setRawMode(mode: boolean): unknown;
  resume(): unknown;
  pause(): unknown;
};

export interface KeyControlsOptions {
  readonly keyboard: Keyboard;
  readonly control: RunControl;
  /** Says why a key had no effect. */
  readonly say: (line: string) => void;
  /** Delivers what a terminal in raw mode no longer does: `process.kill` on this process, or a fake. */
  readonly raise?: (signal: 'SIGINT' | 'SIGTSTP' | 'SIGQUIT') => void;
}

const CTRL_C = '\u0003';
const CTRL_Z = '\u001a';
const CTRL_BACKSLASH = '\u001c';

/**
 * Keys that control a run: space, `+`, `-` and `q`. The terminal is in raw mode meanwhile, so keys come one by one and
 * are not echoed; it is given back on `close`, and however the process ends.
 */
export class KeyControls {
  readonly #options: KeyControlsOptions;

  constructor(options: KeyControlsOptions) {
    this.#options = options;
    const { keyboard } = options;
    process.once('exit', this.#giveBack);
    process.on('SIGCONT', this.#takeAgain);
    keyboard.on('data', this.#receive);
    keyboard.setRawMode(true);
    keyboard.resume();
  }

  close(): void {
    const { keyboard } = this.#options;
    process.removeListener('exit', this.#giveBack);
    process.removeListener('SIGCONT', this.#takeAgain);
    keyboard.removeListener('data', this.#receive);
    this.#giveBack();
    keyboard.pause();
  }

  readonly #giveBack = (): void => void this.#options.keyboard.setRawMode(false);
  readonly #takeAgain = (): void => void this.#options.keyboard.setRawMode(true);

  readonly #receive = (chunk: Buffer | string): void => {
    // An escape sequence (an arrow, a function key) is one key: none of its characters means anything here.
    const text = chunk.toString();
    if (text.startsWith('\u001b')) return;
    for (const key of text) this.#press(key);
  };

  #press(key: string): void {
    const { control, say } = this.#options;
    try {
      if (key === ' ') {
        if (control.status().state === 'paused') control.resume();
        else control.pause();
      } else if (key === '+' || key === '=') control.nudge(1);
      else if (key === '-' || key === '_') control.nudge(-1);
      else if (key === 'q' || key === 'Q') control.stop();
      else this.#signal(key);
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      say(`needletail: ${error.message}`);
    }
  }

  #signal(key: string): void {
    const { raise = (signal) => void process.kill(process.pid, signal) } = this.#options;
    if (key === CTRL_C) raise('SIGINT');
    else if (key === CTRL_Z || key === CTRL_BACKSLASH) {
      this.#giveBack();
      raise(key === CTRL_Z ? 'SIGTSTP' : 'SIGQUIT');
    }
  }
}

/** What the keys do now, for the last line of the panel. */
export function keysLine({ state, users, rate }: ControlStatus): string {
  if (state === 'paused') return 'paused · space resumes · q or Ctrl-C ends the run and reports';
  if (state !== 'running') return 'q or Ctrl-C ends the run and reports what happened';
  const levels = [
    ...(users === null ? [] : [`${formatCount(users)} user${users === 1 ? '' : 's'}`]),
    ...(rate === null ? [] : [`${formatRate(rate)}/s`]),
  ];
  return `space pauses · + - changes ${levels.join(', ')} · q or Ctrl-C ends the run and reports`;
}
