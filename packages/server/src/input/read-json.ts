// Hot: runs once for each JSON body. Allocates the text and what JSON.parse makes of it; looking for poisoned names costs
// two searches of the text, and finding them is a path of its own. Guarded by bench/src/input-parsers.ts.
import { BadInputError, limitError } from './bad-input.ts';
import { findJsonFault } from './json-fault.ts';
import { essenceOf, isJsonType } from './media-type.ts';
import { findPoison, maySpellPrototype, type PoisonAction } from './poisoned-keys.ts';
import {
  arrivedBytes,
  decodeUtf8,
  readBytes,
  type BodyOptions,
  type BodyRequest,
} from './read-body.ts';

export interface JsonOptions extends BodyOptions {
  /**
   * What to do about names that reach a prototype when the value is merged or copied: `__proto__`, and `constructor` with a
   * `prototype` in it. Refused with 400 unless set; or removed, or kept.
   */
  readonly prototypeKeys?: PoisonAction;
  /** Refuses with 415 what is not announced as application/json or as a `+json`; off unless set. */
  readonly requireType?: boolean;
  /** Arrays and objects within each other; unlimited unless set. For handlers that recurse into what they get. */
  readonly maxDepth?: number;
}

/**
 * The value of a JSON body (RFC 8259), in UTF-8. Throws BadInputError: 400 for an empty body, for what is not JSON (with the
 * place, and without quoting it) and for poisoned names; 413, 415; and BodyTooLargeError (413).
 */
export async function readJson(request: BodyRequest, options: JsonOptions = {}): Promise<unknown> {
  if (options.requireType === true) requireJsonType(request);
  return parseJson(decodeUtf8(await readBytes(request, options)), options);
}

/** As `readJson`; without a promise, and throwing, where the body is here already. */
export function readJsonSoon(request: BodyRequest, options: JsonOptions): unknown {
  const bytes = arrivedBytes(request, options);
  return bytes === null ? readJson(request, options) : parseJson(decodeUtf8(bytes), options);
}

/** `JSON.parse` for text from outside; throws as `readJson` does. */
export function parseJson(
  text: string,
  { prototypeKeys = 'error', maxDepth = Infinity }: JsonOptions = {},
): unknown {
  if (text === '') throw emptyBody();
  if (maxDepth !== Infinity) checkDepth(text, maxDepth);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw error instanceof SyntaxError ? notJson(text) : error;
  }
  if (maySpellPrototype(text) && prototypeKeys !== 'keep' && findPoison(value, prototypeKeys)) {
    const names = '__proto__, or constructor with a prototype in it';
    throw new BadInputError(400, 'BAD_JSON', `The body has a name that is refused: ${names}.`);
  }
  return value;
}

function requireJsonType(request: BodyRequest): void {
  if (isJsonType(essenceOf(request.headers.get('content-type')))) return;
  throw new BadInputError(
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    'The body must be JSON, with Content-Type: application/json.',
    { headers: { Accept: 'application/json' } },
  );
}

function emptyBody(): BadInputError {
  return new BadInputError(400, 'BODY_EMPTY', 'The body is empty where JSON is expected.');
}

/** Without the SyntaxError as its cause: that one quotes the body, which may be a password. */
function notJson(text: string): BadInputError {
  const fault = findJsonFault(text);
  const place =
    fault === null
      ? ''
      : `: ${fault.expected} expected at line ${fault.line}, column ${fault.column}`;
  return new BadInputError(400, 'BAD_JSON', `The body is not JSON${place}.`);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const isOpening = (code: number): boolean => code === 0x5b || code === 0x7b;
const isClosing = (code: number): boolean => code === 0x5d || code === 0x7d;

/** Counts brackets outside of strings, before anything is made of them. */
function checkDepth(text: string, maxDepth: number): void {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (isInString) {
      if (code === BACKSLASH) index += 1;
      else if (code === QUOTE) isInString = false;
    } else if (code === QUOTE) {
      isInString = true;
    } else if (isOpening(code)) {
      depth += 1;
      if (depth > maxDepth) throw limitError('levels in the JSON body', maxDepth);
    } else if (isClosing(code)) {
      depth -= 1;
    }
  }
}
