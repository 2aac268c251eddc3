import { stripVTControlCharacters } from 'node:util';

// Control characters, the bidirectional overrides and the zero-width ones: a server's status text or an endpoint's
// name must not be able to move the cursor, recolour the terminal or reorder what is read.
const unprintable =
  // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text from outside made safe for a terminal: one line, every control character shown as U+FFFD. */
export function printable(text: string): string {
  return text.replace(/\r?\n|\t/g, ' ').replace(unprintable, '\ufffd');
}

/** Columns a text takes in a terminal: escape sequences none, East Asian wide characters and emoji two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) {
    width += characterWidth(character.codePointAt(0) as number);
  }
  return width;
}

/** Cuts plain text (no escape sequences) to `width` columns, ending in `…` when something was left out. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return '';
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += characterWidth(character.codePointAt(0) as number);
    if (used > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Adds spaces after the text up to `width` columns. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Adds spaces before the text up to `width` columns. */
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** Unicode TR11 wide blocks, rounded outwards, and zero for combining marks. */
function characterWidth(code: number): 0 | 1 | 2 {
  if (code < 0x300) return 1;
  if (code <= 0x36f || (code >= 0xfe00 && code <= 0xfe0f)) return 0;
  if (code < 0x1100) return 1;
  const wide =
    code <= 0x115f ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}
