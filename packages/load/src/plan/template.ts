import { PlanError, quoted } from './errors.ts';
import { didYouMean } from './suggest.ts';

/** A place in a text that each iteration fills anew. */
export type Slot =
  | { readonly kind: 'iteration' }
  | { readonly kind: 'uuid' }
  /** A whole number, both ends included. */
  | { readonly kind: 'random'; readonly from: number; readonly to: number }
  /** `asJson`: escaped to stand inside a JSON string (`{{name|json}}`). */
  | {
      readonly kind: 'column';
      readonly name: string;
      readonly index: number;
      readonly asJson: boolean;
    };

/** A text with slots: `texts[0] slots[0] texts[1] … slots[n-1] texts[n]`. */
export interface Template {
  readonly texts: readonly string[];
  readonly slots: readonly Slot[];
}

const BUILT_IN = ['iteration', 'random', 'uuid'];
const OPENING = '{{';
const CLOSING = '}}';
const SPAN = 2 ** 32;

/**
 * Splits a text at its slots: `{{column}}` of the feed, `{{iteration}}`, `{{random}}` (0 to 2^32-1),
 * `{{random:1:100}}`, `{{uuid}}`; a column hides a built-in of the same name. `where` names the text in a PlanError.
 */
export function parseTemplate(text: string, columns: readonly string[], where: string): Template {
  const texts: string[] = [];
  const slots: Slot[] = [];
  let from = 0;
  for (let open = text.indexOf(OPENING); open !== -1; open = text.indexOf(OPENING, from)) {
    const close = text.indexOf(CLOSING, open);
    if (close === -1) throw unclosed(text.slice(open), where);
    texts.push(text.slice(from, open));
    slots.push(parseSlot(text.slice(open + OPENING.length, close).trim(), columns, where));
    from = close + CLOSING.length;
  }
  texts.push(text.slice(from));
  return { texts, slots };
}

function parseSlot(content: string, columns: readonly string[], where: string): Slot {
  const asJson = /\|\s*json$/.test(content);
  const name = asJson ? content.slice(0, content.lastIndexOf('|')).trim() : content;
  const index = columns.indexOf(name);
  if (index !== -1) return { kind: 'column', name, index, asJson };
  if (name === 'iteration') return { kind: 'iteration' };
  if (name === 'uuid') return { kind: 'uuid' };
  if (name === 'random') return { kind: 'random', from: 0, to: SPAN - 1 };
  const range = /^random:(-?\d{1,15}):(-?\d{1,15})$/.exec(name);
  if (range !== null) return randomSlot(Number(range[1]), Number(range[2]), where);
  throw new PlanError({
    code: 'PLAN_SLOT',
    problem: 'Unknown slot',
    cause: `nothing is called ${quoted(name)}`,
    where,
    remedy: `${didYouMean(name, [...BUILT_IN, ...columns])}Known are ${knownNames(columns)}; -e ${name.split(/[\s:|]/)[0]}=… or vars defines another.`,
  });
}

function randomSlot(from: number, to: number, where: string): Slot {
  if (from <= to && to - from < SPAN) return { kind: 'random', from, to };
  const cause =
    from > to ? `${from} is more than ${to}` : `${from} to ${to} is more than 2^32 numbers`;
  throw new PlanError({
    code: 'PLAN_SLOT',
    problem: 'Empty or too wide a range',
    cause,
    where,
    remedy: 'Write it like {{random:1:100}}.',
  });
}

function knownNames(columns: readonly string[]): string {
  const feed = columns.length === 0 ? '' : ` and the columns ${columns.join(', ')}`;
  return `iteration, random, random:1:100, uuid${feed}`;
}

function unclosed(rest: string, where: string): PlanError {
  return new PlanError({
    code: 'PLAN_SLOT',
    problem: 'Slot without an end',
    cause: `${quoted(rest)} has no }}`,
    where,
    remedy:
      'Close it with }}; a body that must hold {{ itself can come from a file, which is sent as it is.',
  });
}
