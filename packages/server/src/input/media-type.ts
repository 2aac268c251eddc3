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

/** A parameter of a field value such as `form-data; name="a"`, its quotes and escapes taken off; null when it is missing. */
export function parameterOf(fieldValue: string, name: string): string | null {
  let at = fieldValue.indexOf(';');
  while (at !== -1) {
    const equals = fieldValue.indexOf('=', at);
    if (equals === -1) return null;
    // `; a; b=c`: the text before `=` reaches back over parameters without a value.
    const from = Math.max(at, fieldValue.lastIndexOf(';', equals)) + 1;
    const isWanted = fieldValue.slice(from, equals).trim().toLowerCase() === name;
    let start = equals + 1;
    while (fieldValue[start] === ' ' || fieldValue[start] === '\t') start += 1;
    const isQuoted = fieldValue[start] === QUOTE;
    const end = isQuoted ? closingQuote(fieldValue, start + 1) : endOfToken(fieldValue, start);
    if (isWanted) {
      return isQuoted
        ? unescaped(fieldValue.slice(start + 1, end))
        : fieldValue.slice(start, end).trim();
    }
    at = fieldValue.indexOf(';', end);
  }
  return null;
}

function endOfToken(text: string, start: number): number {
  const end = text.indexOf(';', start);
  return end === -1 ? text.length : end;
}

function closingQuote(text: string, start: number): number {
  for (let index = start; index < text.length; index += 1) {
    if (text.charCodeAt(index) === BACKSLASH) index += 1;
    else if (text[index] === QUOTE) return index;
  }
  return text.length;
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\(.)/g, '$1') : text;
}
