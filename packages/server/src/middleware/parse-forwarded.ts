/** One hop as the proxy that took it describes it. */
export interface ForwardedHop {
  /** Null where the proxy would not say. */
  readonly address: string | null;
  readonly protocol: string | null;
  readonly host: string | null;
}

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const PAIR = new RegExp(
  `[ \\t]*(${TOKEN})=(?:(${TOKEN})|"((?:[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*)")[ \\t]*(;|,|$)`,
  'y',
);

/**
 * The hops of a Forwarded field (RFC 7239 §4), in the order they were taken; none at all for a field that is malformed, as
 * nobody can say then who wrote which part. Of more than `most` the last ones.
 */
export function parseForwarded(field: string, most: number): readonly ForwardedHop[] {
  const hops: ForwardedHop[] = [];
  let pairs = new Map<string, string>();
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < field.length) {
    const found = PAIR.exec(field);
    if (found === null) return [];
    const [, name = '', token, quoted = '', end] = found;
    if (pairs.has(name.toLowerCase())) return [];
    pairs.set(name.toLowerCase(), token ?? quoted.replaceAll(/\\(.)/g, '$1'));
    if (end === ';') continue;
    hops.push(hopOf(pairs));
    pairs = new Map();
  }
  return hops.slice(-most);
}

function hopOf(pairs: ReadonlyMap<string, string>): ForwardedHop {
  const node = pairs.get('for');
  const isHidden = node === undefined || node.startsWith('_') || node.toLowerCase() === 'unknown';
  return {
    address: isHidden ? null : withoutPort(node),
    protocol: pairs.get('proto')?.toLowerCase() ?? null,
    host: pairs.get('host') ?? null,
  };
}

/** `1.2.3.4:5678`, `[::1]:5678` and `[::1]` without what is around the address. */
export function withoutPort(node: string): string {
  const [, inBrackets, ipv4] =
    /^(?:\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+)$/.exec(node) ?? [];
  return inBrackets ?? ipv4 ?? node;
}
