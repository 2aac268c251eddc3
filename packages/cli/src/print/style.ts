import pc from 'picocolors';

type Paint = (text: string) => string;

/** What each colour is for; the plain style returns every text as it was given. */
export interface Style {
  readonly heading: Paint;
  readonly strong: Paint;
  readonly faint: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly doubtful: Paint;
  readonly chart: Paint;
}

/** Terminal colours when `color`, otherwise no escape sequence at all. */
export function createStyle(color: boolean): Style {
  const colors = pc.createColors(color);
  return {
    heading: (text) => colors.bold(colors.cyan(text)),
    strong: colors.bold,
    faint: colors.dim,
    good: colors.green,
    bad: colors.red,
    doubtful: colors.yellow,
    chart: colors.cyan,
  };
}

/** Whether to write colours to a stream: `NO_COLOR` (no-color.org) beats `FORCE_COLOR`, both beat the terminal. */
export function wantsColor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env['NO_COLOR']) return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
