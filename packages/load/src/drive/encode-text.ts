const NOT_ASCII = /[\u0080-\uffff]/;
/** Any form of target may hold these (RFC 3986 §3.3 and §3.4, and `%` of what is encoded already, and brackets). */
const NOT_IN_TARGET = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%[\]]/gu;
/** Data in a path: `/` stands for itself, `?` and `%` must not end or change it. */
const NOT_IN_PATH_DATA = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/gu;
/** Data in a query: not the characters that part one field from the next either. */
const NOT_IN_QUERY_DATA = /[^A-Za-z0-9\-._~!$'()*,;:@/?]/gu;

/** UTF-8 bytes as a binary string, one character a byte; lone surrogates become U+FFFD. */
export function utf8Binary(text: string): string {
  return NOT_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}

/** A target as somebody wrote it, with only that encoded which cannot be sent. */
export function encodeTarget(text: string): string {
  return text.replace(NOT_IN_TARGET, percentEncoded);
}

/** A value that stands in a path: `a b?` is `a%20b%3F`. */
export function encodePathData(text: string): string {
  return text.replace(NOT_IN_PATH_DATA, percentEncoded);
}

/** A value that stands in a query: `a&b` is `a%26b`. */
export function encodeQueryData(text: string): string {
  return text.replace(NOT_IN_QUERY_DATA, percentEncoded);
}

/** The inside of a JSON string. */
export function encodeJsonText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function percentEncoded(character: string): string {
  let encoded = '';
  for (const byte of Buffer.from(character, 'utf8')) {
    encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
