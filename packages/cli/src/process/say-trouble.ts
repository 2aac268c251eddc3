import { wrap } from '../print/layout.ts';
import type { Stream } from './shell.ts';

const prefix = 'needletail: ';

/**
 * Writes `text` behind the name of the command. On a terminal it is broken between words; anywhere else each line stays whole, to
 * be searched. Lines that begin with a space, such as those of a source, are left as they are.
 */
export function sayTrouble(stream: Stream, text: string): void {
  const lines = `${prefix}${text}`.split('\n');
  const width = stream.isTTY === true ? (stream.columns ?? 0) : 0;
  const shown = width < 40 ? lines : lines.flatMap((line) => broken(line, width));
  stream.write(`${shown.join('\n')}\n`);
}

function broken(line: string, width: number): string[] {
  return line.startsWith(' ') ? [line] : wrap(line, width);
}
