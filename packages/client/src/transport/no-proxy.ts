import { BlockList, isIP } from 'node:net';
import type { RequestUrl } from '../model/request-url.ts';
import { matchesPattern, parseUrlPattern, type UrlPattern } from './url-pattern.ts';

/** Hosts that are reached without the proxy. */
export interface NoProxyList {
  includes(url: RequestUrl): boolean;
}

/**
 * Reads the form of NO_PROXY: entries apart by commas or whitespace.
 *
 *   *                    everything                 host.tld         the host and what is below it
 *   .host.tld            only what is below it      host.tld:8080    one port of it
 *   https://host.tld     one scheme of it           10.0.0.0/8       addresses, by CIDR block
 *
 * A suffix counts at a dot only. No standard exists: this is what curl, Go and httpx have in common. An entry that makes no
 * sense matches nothing, since the variable is shared with programs that know other forms.
 */
export function parseNoProxy(text: string): NoProxyList {
  const patterns: UrlPattern[] = [];
  const blocks = new BlockList();
  for (const entry of text.split(/[\s,]+/)) {
    if (entry === '') continue;
    if (!addBlock(blocks, entry)) addPattern(patterns, entry);
  }
  return {
    includes: (url) => patterns.some((p) => matchesPattern(p, url)) || isIn(blocks, url.hostname),
  };
}

function addBlock(blocks: BlockList, entry: string): boolean {
  const [address = '', bits] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || bits === undefined) return false;
  if (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)) {
    blocks.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  }
  return true;
}

function addPattern(patterns: UrlPattern[], entry: string): void {
  const [, scheme = '', host = ''] = /^([a-z]+:\/\/)?(.*)$/i.exec(entry) ?? [];
  try {
    patterns.push(parseUrlPattern(`${scheme === '' ? 'all://' : scheme}${suffixOf(host)}`));
  } catch {
    // Not for us: see above.
  }
}

function suffixOf(host: string): string {
  if (host.startsWith('.')) return `*${host}`;
  const isName = !host.startsWith('*') && !host.startsWith('[') && isIP(host.split(':')[0]) === 0;
  return isName && isIP(host) === 0 ? `*${host}` : host;
}

function isIn(blocks: BlockList, hostname: string): boolean {
  const family = isIP(hostname);
  return family !== 0 && blocks.check(hostname, family === 4 ? 'ipv4' : 'ipv6');
}
