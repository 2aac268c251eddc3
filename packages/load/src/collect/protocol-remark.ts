import type { ScriptNames } from './script-names.ts';
import type { ScriptTally } from './script-tally.ts';

/** Counters of a scenario that asked for HTTP/2. */
export const OVER_HTTP2 = 'answers over HTTP/2';
export const OVER_HTTP1 = 'answers over HTTP/1.1';

/** A sentence for the report when answers came over HTTP/1.1 although HTTP/2 was asked for; else null. */
export function protocolRemark(names: ScriptNames, tallies: readonly ScriptTally[]): string | null {
  const known = names.counters.names();
  const countOf = (name: string): number => {
    const place = known.indexOf(name);
    return place < 0 ? 0 : tallies.reduce((sum, { counters }) => sum + counters[place]!, 0);
  };
  const older = countOf(OVER_HTTP1);
  if (older === 0) return null;
  const all = older + countOf(OVER_HTTP2);
  return (
    `HTTP/2 was asked for, but ${older === all ? 'every answer' : `${older} of ${all} answers`} came over HTTP/1.1: ` +
    "it is offered over TLS, and the target may decline. Without TLS it takes http2: 'prior-knowledge'."
  );
}
