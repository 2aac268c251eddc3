import type { Keyboard } from '../control/key-controls.ts';
import type { Terminal } from '../print/live-panel.ts';
import { wantsColor } from '../print/style.ts';

/** A stream of the process, or a fake that collects what is written. */
export type Stream = Terminal & { readonly isTTY?: boolean };

/** The process as commands see it, so that a test can stand in for it. */
export interface Shell {
  /** Results only. */
  readonly stdout: Stream;
  /** Everything else: panel, progress, warnings, errors. */
  readonly stderr: Stream;
  /** The keyboard, when it is that of a terminal; absent where nobody sits. */
  readonly stdin?: Keyboard;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Ends the process at once, for the second Ctrl-C. */
  readonly exit: (code: number) => void;
}

const widthOfPipes = 80;

/** How to lay text out for a stream: its width in columns, and whether it takes colours. */
export function layoutFor(
  stream: Stream,
  { env }: Shell,
): { readonly width: number; readonly color: boolean } {
  const color = wantsColor(stream, env);
  if (stream.isTTY === true && stream.columns) return { width: stream.columns, color };
  const columns = Number(env['COLUMNS']);
  return { width: Number.isInteger(columns) && columns > 0 ? columns : widthOfPipes, color };
}
