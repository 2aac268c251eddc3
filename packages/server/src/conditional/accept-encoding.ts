const MEMBER =
  /^[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i;
/** Nobody knows more codings. */
const MOST_MEMBERS = 32;

/**
 * The coding of `offered` that a client likes best, the first of several; null for none, which is `identity`. Members that
 * are malformed do not count, and neither does anything beyond thirty-two. Without the field it is none: programs that do
 * not ask for a coding seldom undo one (RFC 9110 §12.5.3).
 */
export function chooseCoding<Coding extends string>(
  field: string | null,
  offered: readonly Coding[],
): Coding | null {
  if (field === null || field === '') return null;
  const weights = weightsOf(field);
  const others = weights.get('*');
  let best: Coding | null = null;
  let most = 0;
  for (const coding of offered) {
    const weight = weights.get(coding) ?? aliasOf(coding, weights) ?? others ?? 0;
    if (weight > most) [best, most] = [coding, weight];
  }
  // Whoever likes it better unchanged says so.
  return most > 0 && most >= (weights.get('identity') ?? 0) ? best : null;
}

function weightsOf(field: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const member of field.split(',', MOST_MEMBERS)) {
    const [, name, weight] = MEMBER.exec(member) ?? [];
    if (name !== undefined)
      weights.set(name.toLowerCase(), weight === undefined ? 1 : Number(weight));
  }
  return weights;
}

function aliasOf(coding: string, weights: Map<string, number>): number | undefined {
  return coding === 'gzip' ? weights.get('x-gzip') : undefined;
}
