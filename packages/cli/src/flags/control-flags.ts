import { UsageError } from '../errors.ts';
import type { RunSettings } from '../run/execute-run.ts';
import type { LoadFlagValues } from './load-flags.ts';

const SHORTEST_TOKEN = 8;

/** `--control [port]` and `--control-token`; null when no control was asked for. */
export function toControl({
  control,
  controlToken: token,
}: LoadFlagValues): NonNullable<RunSettings['control']> | null {
  if (control === undefined) {
    if (token === undefined) return null;
    throw new UsageError(
      'TOKEN_WITHOUT_CONTROL',
      'A token for nothing: there is no control (--control-token). Add --control, or leave it out.',
    );
  }
  const port = control === true ? 0 : Number(control);
  if (control !== true && (!/^\d+$/.test(control) || port > 65_535)) {
    throw new UsageError(
      'BAD_PORT',
      `Bad value for --control: not a port (${control}). Give a number from 0 to 65535, or write --control last for a free one.`,
    );
  }
  if (token !== undefined && (token.length < SHORTEST_TOKEN || !/^[\x21-\x7e]+$/.test(token))) {
    throw new UsageError(
      'BAD_TOKEN',
      `Bad value for --control-token: too short, or not plain text without spaces (${token.length} characters). Give at least ${SHORTEST_TOKEN}.`,
    );
  }
  return { port, token: token ?? null };
}
