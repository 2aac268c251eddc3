import { spells, wordBytes } from '../bytes/spelling.ts';
import { brokenRule } from './errors.ts';
import type { FieldListener } from './field-scanner.ts';

const FORBIDDEN = ['content-length', 'transfer-encoding', 'host'].map(wordBytes);

/** Fields that steer routing, framing, authentication or content handling mean nothing after the body. */
const IGNORED: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'cookie',
  'expect',
  'keep-alive',
  'max-forwards',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'set-cookie',
  'te',
  'trailer',
  'upgrade',
  'www-authenticate',
]);
const IGNORED_PREFIX = 'content-';

/** Refuses the trailer fields that would redefine the message they end (RFC 9110 §6.5.1). */
export const trailerListener: FieldListener = {
  onField(buffer, nameStart, nameEnd, _valueStart, _valueEnd, delta): void {
    for (const name of FORBIDDEN) {
      if (spells(buffer, nameStart, nameEnd, name)) {
        const found = String.fromCharCode(...name);
        throw brokenRule('FORBIDDEN_TRAILER', delta + nameStart, found);
      }
    }
  },
};

/** The lines of a checked trailer section that may reach a user, joined by CRLF; '' when there are none. */
export function keepTrailers(rawTrailers: string): string {
  const kept = rawTrailers.split('\r\n').filter((line) => {
    const name = line.slice(0, line.indexOf(':')).toLowerCase();
    return !IGNORED.has(name) && !name.startsWith(IGNORED_PREFIX);
  });
  return kept.join('\r\n');
}
