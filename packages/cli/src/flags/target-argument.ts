import { UsageError } from '../errors.ts';

const furthestSuggestion = 2;

/**
 * Tells an address from a slip: a bare word is a mistyped command sooner than a host, and a plan file belongs to `run`.
 * Throws `UsageError` with what was probably meant; any other judging of the address is left to the plan.
 */
export function checkTargetArgument(text: string, commands: readonly string[]): void {
  // `host.name/data.json` is an address; a path without a dot before its first slash is not.
  if (/^(?!localhost\/)([./~][^:]*|[^./:]+(\/[^:]*)?)\.(ya?ml|json|[cm]?[jt]s)$/i.test(text)) {
    throw new UsageError(
      'PLAN_AS_ADDRESS',
      `Not an address: this looks like a plan or a scenario (${text}). Write needletail run ${text}.`,
    );
  }
  if (!/^[a-z][a-z-]*$/i.test(text) || text.toLowerCase() === 'localhost') return;
  const close = commands
    .map((command) => ({ command, distance: editDistance(text.toLowerCase(), command) }))
    .filter(({ distance }) => distance <= furthestSuggestion)
    .sort((a, b) => a.distance - b.distance);
  const remedy =
    close.length > 0
      ? `Did you mean needletail ${close[0].command}?`
      : `A host is written with its scheme: needletail http://${text}. Commands: ${commands.join(', ')}.`;
  throw new UsageError(
    'UNKNOWN_COMMAND',
    `Unknown command: there is none of that name (${text}). ${remedy}`,
  );
}

/** Letters to insert, remove or replace to make one word of the other (Levenshtein). */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = row[column - 1] + (from[line - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[column] + 1, next[column - 1] + 1));
    }
    row = next;
  }
  return row[to.length];
}
