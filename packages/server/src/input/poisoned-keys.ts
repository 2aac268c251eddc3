/** What to do about names that reach a prototype when the value is merged or copied. */
export type PoisonAction = 'error' | 'remove' | 'keep';

/**
 * Whether the text of a JSON value may hold such names: `__proto__`, and `constructor` with a `prototype` in it. Both hold
 * `proto`, unless letters are escaped; so two searches clear a text of suspicion, at a fiftieth of what parsing costs.
 */
export function maySpellPrototype(json: string): boolean {
  return json.includes('proto') || json.includes('\\u00');
}

/**
 * Whether the names are there; with `remove` they are taken out of `value` instead. Walks without recursion: the depth of a
 * value is the client's choice.
 */
export function findPoison(value: unknown, action: 'error' | 'remove'): boolean {
  const left: object[] = [];
  if (typeof value === 'object' && value !== null) left.push(value);
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    for (const [name, child] of Object.entries(node)) {
      if (isPoisoned(name, child)) {
        if (action === 'error') return true;
        delete (node as Record<string, unknown>)[name];
      } else if (typeof child === 'object' && child !== null) {
        left.push(child);
      }
    }
  }
  return false;
}

function isPoisoned(name: string, child: unknown): boolean {
  if (name === '__proto__') return true;
  if (name !== 'constructor' || typeof child !== 'object' || child === null) return false;
  return Object.hasOwn(child, 'prototype');
}
