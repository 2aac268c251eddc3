import { PassThrough } from 'node:stream';
import type { Shell, Stream } from './shell.ts';

/** A shell that collects what is written to it. */
export function fakeShell(changes: Partial<Shell> = {}): {
  readonly shell: Shell;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exits: number[];
} {
  const out = collector();
  const err = collector();
  const exits: number[] = [];
  const shell: Shell = {
    stdout: out.stream,
    stderr: err.stream,
    env: {},
    cwd: '/nowhere',
    exit: (code) => exits.push(code),
    ...changes,
  };
  return { shell, stdout: out.text, stderr: err.text, exits };
}

function collector(): { readonly stream: Stream; readonly text: () => string } {
  const chunks: string[] = [];
  const stream = new PassThrough();
  stream.write = (chunk: string | Uint8Array): boolean => {
    chunks.push(String(chunk));
    return true;
  };
  return { stream, text: () => chunks.join('') };
}
