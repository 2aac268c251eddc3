const BACKSLASH = 0x5c;
const QUOTE = '"';
const JSON_TYPE = 'application/json';

/** `type/subtype` of a Content-Type in lower case, without parameters; `''` when there is none (RFC 9110 §8.3.1). */
export function essenceOf(contentType: string | null): string {
  if (contentType === null) return '';
  const end = contentType.indexOf(';');
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

/** Whether it is JSON, or a format on top of it: `application/json`, `application/problem+json`. */
export function isJsonType(essence: string): boolean {
  return essence === JSON_TYPE || (essence.endsWith('+json') && essence.includes('/'));
}

/** A parameter of a field value such as `text/plain; charset="utf-8"`, its quotes and escapes taken off; null when it is missing. */
export function parameterOf(fieldValue: string, name: string): string | null {
  return findParameter(fieldValue, name, true);
}

/**
 * The same of a Content-Disposition in a form: there a backslash is one, and only `%22` stands for a quote, as browsers have
 * agreed (WHATWG HTML, multipart/form-data encoding algorithm).
 */
export function formParameterOf(fieldValue: string, name: string): string | null {
  return findParameter(fieldValue, name, false)?.replaceAll('%22', QUOTE) ?? null;
}

function findParameter(fieldValue: string, name: string, hasEscapes: boolean): string | null {
  let at = fieldValue.indexOf(';');
  while (at !== -1) {
    const equals = fieldValue.indexOf('=', at);
    if (equals === -1) return null;
    // `; a; b=c`: the text before `=` reaches back over parameters without a value.
    const from = Math.max(at, fieldValue.lastIndexOf(';', equals)) + 1;
    const isWanted = fieldValue.slice(from, equals).trim().toLowerCase() === name;
    let start = equals + 1;
    while (fieldValue[start] === ' ' || fieldValue[start] === '\t') start += 1;
    if (fieldValue[start] === QUOTE) {
      const end = closingQuote(fieldValue, start + 1, hasEscapes);
      const text = fieldValue.slice(start + 1, end);
      if (isWanted) return hasEscapes ? text.replaceAll(/\\(.)/g, '$1') : text;
      at = fieldValue.indexOf(';', end);
    } else {
      at = fieldValue.indexOf(';', start);
      if (isWanted) return fieldValue.slice(start, at === -1 ? fieldValue.length : at).trim();
    }
  }
  return null;
}

function closingQuote(text: string, start: number, hasEscapes: boolean): number {
  for (let index = start; index < text.length; index += 1) {
    if (hasEscapes && text.charCodeAt(index) === BACKSLASH) index += 1;
    else if (text[index] === QUOTE) return index;
  }
  return text.length;
}
