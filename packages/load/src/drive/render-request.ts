// Allocates: nothing for a request without slots; with slots, the strings of its values and of the whole.
// Invariant: what is returned is latin1, one character a byte, so its length is the number of bytes sent.
// Guarded by bench/src/cpu-per-request.ts.
import { encodeRequestHead } from '@needletail/wire';
import { PlanError } from '../plan/errors.ts';
import type { RequestSpec } from '../plan/plan.ts';
import { parseTemplate } from '../plan/template.ts';
import type { Slot } from '../plan/template.ts';
import { toolVersion } from '../plan/tool-version.ts';
import { encodePathData, encodeQueryData, encodeTarget, utf8Binary } from './encode-text.ts';
import { slotSalt, slotWriter } from './slot-writer.ts';
import type { SlotWriter } from './slot-writer.ts';

export interface CompileOptions {
  /** Columns of the data feed, in the order of its rows. */
  readonly columns: readonly string[];
  /** All rows of the feed, to refuse values that would break a header; leave out when they were checked before. */
  readonly rows?: readonly (readonly string[])[];
  readonly keepAlive: boolean;
  readonly seed: number;
}

/** A request ready to be sent again and again. */
export interface RenderedRequest {
  readonly name: string;
  /** Its answers have no body (RFC 9110 §9.3.2). */
  readonly isHead: boolean;
  /** The bytes of a request without slots, null when every iteration has its own. */
  readonly fixed: Buffer | null;
  /** The request of one iteration as latin1; `row` is the iteration's row of the feed. */
  readonly render: (iteration: number, row: readonly string[] | null) => string;
}

/** Methods that are expected to have content say so when they have none (RFC 9110 §8.6). */
const EXPECTS_CONTENT = /^(?:POST|PUT|PATCH)$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const NO_LENGTH = 'Content-Length: 0\r\n\r\n';

/** Checks a request and renders all of it that no iteration changes. Throws PlanError for slots, EncodeError for the rest. */
export function compileRequest(spec: RequestSpec, options: CompileOptions): RenderedRequest {
  const marks = new Marks(spec, options);
  const body = bodyOf(spec, marks);
  const head = headOf(spec, options, marks, body);
  const isHead = spec.method === 'HEAD';
  if (marks.writers.length === 0) {
    const text = head + (body ?? '');
    const fixed = Buffer.from(text, 'latin1');
    return { name: spec.name, isHead, fixed, render: () => text };
  }
  return { name: spec.name, isHead, fixed: null, render: patched(head, body, marks) };
}

/** The renderer of a request with slots; a body with slots needs its length counted each time. */
function patched(head: string, body: string | null, marks: Marks): RenderedRequest['render'] {
  if (body === null || !marks.occurIn(body)) return marks.filler(head + (body ?? ''));
  const fillHead = marks.filler(head.slice(0, -NO_LENGTH.length));
  const fillBody = marks.filler(body);
  return (iteration, row) => {
    const content = fillBody(iteration, row);
    return `${fillHead(iteration, row)}Content-Length: ${content.length}\r\n\r\n${content}`;
  };
}

function headOf(
  spec: RequestSpec,
  options: CompileOptions,
  marks: Marks,
  body: string | null,
): string {
  const { authority, target } = splitUrl(spec.url);
  const markedTarget = markTarget(target, marks);
  const headers = spec.headers.map(([name, value]): readonly [string, string] => [
    name,
    marks.mark(value, `header ${name} of ${spec.name}`, asIs, (slot) =>
      marks.checkColumn(slot, name),
    ),
  ]);
  const length = body === null ? (EXPECTS_CONTENT.test(spec.method) ? 0 : undefined) : body.length;
  return encodeRequestHead({
    method: spec.method,
    target: markedTarget,
    host: headers.find(([name]) => isNamed(name, 'host'))?.[1] ?? authority,
    connection: options.keepAlive ? undefined : 'close',
    headers: withDefaults(
      headers.filter(([name]) => !isNamed(name, 'host')),
      spec.body,
    ),
    contentLength: body !== null && marks.occurIn(body) ? 0 : length,
  });
}

function withDefaults(
  headers: readonly (readonly [string, string])[],
  body: RequestSpec['body'],
): (readonly [string, string])[] {
  const defaults: (readonly [string, string])[] = [
    ['User-Agent', `needletail/${toolVersion()}`],
    ['Accept', '*/*'],
  ];
  if (typeof body === 'string') defaults.push(['Content-Type', 'text/plain; charset=utf-8']);
  else if (body !== null) defaults.push(['Content-Type', 'application/octet-stream']);
  const missing = defaults.filter(([wanted]) => !headers.some(([name]) => isNamed(name, wanted)));
  return [...missing, ...headers];
}

function bodyOf(spec: RequestSpec, marks: Marks): string | null {
  if (spec.body === null) return null;
  if (typeof spec.body !== 'string') return Buffer.from(spec.body).toString('latin1');
  return marks.mark(spec.body, `body of ${spec.name}`, utf8Binary);
}

/** A target that is nothing but one slot is a whole path, query and all; elsewhere values are data. */
function markTarget(target: string, marks: Marks): string {
  const where = `address of ${marks.spec.name}`;
  if (/^\/\{\{[^{}]*\}\}$/.test(target)) {
    return `/${marks.mark(target.slice(1), where, (text) => encodeTarget(text.replace(/^\//, '')))}`;
  }
  const query = target.search(/\?(?![^{]*\}\})/);
  if (query === -1) return marks.mark(target, where, encodePathData, undefined, encodeTarget);
  return (
    marks.mark(target.slice(0, query), where, encodePathData, undefined, encodeTarget) +
    marks.mark(target.slice(query), where, encodeQueryData, undefined, encodeTarget)
  );
}

/** Authority and target as written: a slot must not meet a URL parser, which would encode its braces. */
function splitUrl(url: string): { readonly authority: string; readonly target: string } {
  const [, authority, rest] = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(url) ?? ['', '', ''];
  return { authority, target: rest.startsWith('/') ? rest : `/${rest}` };
}

/**
 * Slots are encoded as markers, words that the request holds nowhere else, so that one encoder checks and writes every
 * request; the result is then cut at the markers.
 */
class Marks {
  readonly spec: RequestSpec;
  readonly writers: SlotWriter[] = [];
  readonly #options: CompileOptions;
  readonly #marker: string;

  constructor(spec: RequestSpec, options: CompileOptions) {
    this.spec = spec;
    this.#options = options;
    const body =
      typeof spec.body === 'string' ? spec.body : Buffer.from(spec.body ?? []).toString('latin1');
    const everything = spec.url + body + spec.headers.flat().join('');
    let marker = 'slot-';
    while (everything.includes(marker)) marker += 'x-';
    this.#marker = marker;
  }

  /** `text` with its slots replaced by markers and the rest of it encoded. */
  mark(
    text: string,
    where: string,
    encode: (value: string) => string,
    check?: (slot: Slot) => void,
    encodeText: (text: string) => string = encode,
  ): string {
    const { texts, slots } = parseTemplate(text, this.#options.columns, where);
    let marked = encodeText(texts[0]);
    slots.forEach((slot, index) => {
      check?.(slot);
      const place = this.writers.length;
      this.writers.push(
        slotWriter(slot, slotSalt(this.#options.seed, this.spec.name, place), encode),
      );
      marked += `${this.#marker}${place}-${encodeText(texts[index + 1])}`;
    });
    return marked;
  }

  /** Refuses feed values that would end a field early or need more than a byte a character (RFC 9110 §5.5). */
  checkColumn(slot: Slot, header: string): void {
    if (slot.kind !== 'column') return;
    const bad = (this.#options.rows ?? []).findIndex((row) => !FIELD_VALUE.test(row[slot.index]));
    if (bad === -1) return;
    throw new PlanError({
      code: 'PLAN_FEED',
      problem: 'Value not fit for a header',
      cause: `column ${slot.name} of data row ${bad + 1} holds a control character or one past U+00FF`,
      where: `header ${header} of ${this.spec.name}`,
      remedy: 'Remove it from the feed, or send the column in the body.',
    });
  }

  occurIn(text: string): boolean {
    return this.writers.length > 0 && text.includes(this.#marker);
  }

  /** A function that writes `text` with the values of an iteration in place of its markers. */
  filler(text: string): RenderedRequest['render'] {
    const pieces = text.split(new RegExp(`${this.#marker}(\\d+)-`));
    const texts = pieces.filter((_, index) => index % 2 === 0);
    const writers = pieces
      .filter((_, index) => index % 2 === 1)
      .map((place) => this.writers[Number(place)]);
    return (iteration, row) => {
      let filled = texts[0];
      for (let index = 0; index < writers.length; index += 1) {
        filled += writers[index](iteration, row) + texts[index + 1];
      }
      return filled;
    };
  }
}

function asIs(text: string): string {
  return text;
}

function isNamed(name: string, wanted: string): boolean {
  return name.toLowerCase() === wanted.toLowerCase();
}
