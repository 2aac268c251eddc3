import { EncodeError } from './errors.ts';

/** What a field value may be given as; an array makes one line per member. */
export type FieldValue = string | number | bigint | boolean | readonly string[];

/** Pairs of name and value, in the order to send them: an array, a Map, a Headers, a FieldMap. */
export type FieldInput = Iterable<readonly [name: string, value: FieldValue]>;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Code points past 0xFF are refused too: written as latin1, U+010D U+010A would become CR LF. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const LEADING_WHITESPACE = /^[ \t]+/;
/** Matches only from the first character of a run, so that long runs inside a value stay linear. */
const TRAILING_WHITESPACE = /(?<![ \t])[ \t]+$/;

/** Names checked before; programs use few. */
const knownNames = new Set<string>();
const KNOWN_NAMES = 1024;

/** Fields that steer the codec of this peer or the next one: set by typed options, so that they cannot contradict. */
const RESERVED: ReadonlyMap<string, string> = new Map([
  ['connection', 'connection'],
  ['content-length', 'contentLength'],
  ['expect', 'expectContinue'],
  ['host', 'host'],
  ['keep-alive', 'connection'],
  ['proxy-connection', 'connection'],
  ['transfer-encoding', 'chunked'],
  ['upgrade', 'upgrade'],
]);

/** Fields that may not come after the body either (RFC 9110 §6.5.1). */
const NOT_IN_TRAILERS = /^(authorization|cookie|content-.*|max-forwards|set-cookie|te|trailer)$/i;

/** `name: value CRLF` for each field. Everything is checked here, when it is sent, and not where it was set. */
export function encodeFields(fields: FieldInput): string {
  let lines = '';
  for (const [name, value] of fields) lines += encodeField(name, value);
  return lines;
}

/** `encodeFields` for a trailer section. */
export function encodeTrailerFields(fields: FieldInput): string {
  let lines = '';
  for (const [name, value] of fields) {
    if (NOT_IN_TRAILERS.test(name)) {
      throw new EncodeError(
        'RESERVED_FIELD',
        name,
        `Field not sent: ${name} has no meaning in trailers (RFC 9110 §6.5.1). Send it in the head.`,
      );
    }
    lines += encodeField(name, value);
  }
  return lines;
}

/** `value` made text once, checked, and without whitespace around it; `what` names it in an error. */
export function checkedValue(what: string, value: unknown): string {
  const text = typeof value === 'string' ? value : textOf(what, value);
  if (!VALUE.test(text)) {
    throw new EncodeError(
      'INVALID_VALUE',
      what,
      `Value not sent: ${what} holds a control character or one past U+00FF (RFC 9110 §5.5). Encode or remove it.`,
    );
  }
  return text.replace(LEADING_WHITESPACE, '').replace(TRAILING_WHITESPACE, '');
}

/** `text` if it is a token (RFC 9110 §5.6.2). */
export function checkedToken(
  code: 'INVALID_NAME' | 'INVALID_METHOD' | 'INVALID_VALUE',
  what: string,
  text: unknown,
): string {
  if (typeof text !== 'string' || !TOKEN.test(text)) {
    const shown = typeof text === 'string' ? JSON.stringify(text) : typeof text;
    throw new EncodeError(
      code,
      what,
      `Head not sent: ${what} ${shown} is not a token (RFC 9110 §5.6.2). Use letters, digits and -.`,
    );
  }
  return text;
}

function encodeField(name: string, value: FieldValue): string {
  if (!knownNames.has(name)) checkName(name);
  if (!Array.isArray(value)) return `${name}: ${checkedValue(name, value)}\r\n`;
  let lines = '';
  for (const member of value as readonly unknown[]) {
    if (typeof member !== 'string') textOf(name, undefined);
    lines += `${name}: ${checkedValue(name, member)}\r\n`;
  }
  return lines;
}

function checkName(name: unknown): void {
  const checked = checkedToken('INVALID_NAME', 'field name', name);
  const option = RESERVED.get(checked.toLowerCase());
  if (option !== undefined) {
    throw new EncodeError(
      'RESERVED_FIELD',
      checked,
      `Field not sent: ${checked} is written by the encoder. Use the option ${option}.`,
    );
  }
  if (knownNames.size < KNOWN_NAMES) knownNames.add(checked);
}

function textOf(what: string, value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return `${value}`;
  }
  throw new EncodeError(
    'INVALID_VALUE',
    what,
    `Value not sent: ${what} is neither text nor a number. Convert it to a string first.`,
  );
}
