import { PlanError, quoted } from './errors.ts';
import { didYouMean } from './suggest.ts';

/** Variables of a run by name: those of the plan file, then those given with `-e`, which win. */
export type Variables = ReadonlyMap<string, string>;

/** `$${` is a literal `${`; both forms of a variable are found in one pass, so a value is never searched again. */
const REFERENCE = /\$\$\{|\$\{([^{}]*)\}|\{\{([^{}]*)\}\}/g;

/**
 * Replaces `${name}` and `{{name}}` by variables and tells `onUse` which. A `{{name}}` that is no variable stays: it
 * may be a slot. A `${name}` that is none is a PlanError.
 */
export function substitute(
  text: string,
  variables: Variables,
  label: string,
  onUse: (name: string) => void = () => undefined,
): string {
  return text.replace(
    REFERENCE,
    (whole, dollar: string | undefined, braces: string | undefined) => {
      if (whole === '$${') return '${';
      const name = (dollar ?? braces ?? '').trim();
      const value = variables.get(name);
      if (value !== undefined) {
        onUse(name);
        return value;
      }
      if (dollar === undefined) return whole;
      throw unknownVariable(name, variables, label, ' Write $${ for a literal ${.');
    },
  );
}

/** Like `substitute`, where no slots can be: what remains in braces is a PlanError too. */
export function substituteAll(
  text: string,
  variables: Variables,
  label: string,
  onUse?: (name: string) => void,
): string {
  const result = substitute(text, variables, label, onUse);
  const left = /\{\{([^{}]*)\}\}/.exec(result);
  if (left === null) return result;
  throw unknownVariable(left[1].trim(), variables, label, ' Slots work in requests only.');
}

/** Reads `name=value` pairs as given with `-e`. */
export function parseEnvironment(pairs: readonly string[]): Map<string, string> {
  const variables = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, equals)).trim();
    if (name === '' || /[{}|$]/.test(name)) {
      throw new PlanError({
        code: 'PLAN_VARIABLE',
        problem: 'Not a variable',
        cause: `${quoted(pair)} has no ${equals === -1 ? '=' : 'usable name before ='}`,
        where: '-e/--env',
        remedy: 'Write it like -e base=http://localhost:3000.',
      });
    }
    variables.set(name, pair.slice(equals + 1).trim());
  }
  return variables;
}

function unknownVariable(
  name: string,
  variables: Variables,
  label: string,
  hint: string,
): PlanError {
  const known =
    variables.size === 0 ? 'None are defined.' : `Known are ${[...variables.keys()].join(', ')}.`;
  return new PlanError({
    code: 'PLAN_VARIABLE',
    problem: 'Unknown variable',
    cause: `nothing is called ${quoted(name)}`,
    where: label,
    remedy: `${didYouMean(name, variables.keys())}${known} Define it in vars or with -e ${name}=value.${hint}`,
  });
}
