import type { PoolLimits, ProxyOptions, TlsOptions } from '../model/client-options.ts';
import {
  checkedBoolean,
  checkedNumber,
  checkNames,
  invalidOption,
} from '../model/invalid-option.ts';
import type { NetworkTransportOptions } from './network-transport.ts';
import { checkTlsOptions } from './tls-settings.ts';

const LIMITS: ReadonlyMap<keyof PoolLimits, number> = new Map([
  ['maxConnections', 1],
  ['maxConnectionsPerOrigin', 1],
  ['maxKeepAlive', 0],
  ['keepAliveExpiry', 0],
]);

const PROXY: ReadonlySet<string> = new Set<keyof ProxyOptions>([
  'auth',
  'headers',
  'noProxy',
  'tls',
  'url',
]);

const TLS_TEXTS = ['ca', 'cert', 'key', 'passphrase', 'servername'] as const;
const TLS: ReadonlySet<string> = new Set<keyof TlsOptions>([...TLS_TEXTS, 'insecure']);

/**
 * Throws InvalidRequestError (INVALID_OPTION) for names and values that make no sense, when they are given: a limit that
 * is misspelt would otherwise hold nothing back, and a certificate verify nothing.
 */
export function checkNetworkOptions(options: NetworkTransportOptions): void {
  const { limits, tls, proxy, trustEnv, http2, socketPath } = options;
  if (limits !== undefined) checkLimits(limits);
  if (tls !== undefined) checkTls(tls, 'tls');
  if (trustEnv !== undefined) checkedBoolean('trustEnv', trustEnv);
  if (http2 !== undefined && typeof http2 !== 'boolean' && http2 !== 'prior-knowledge') {
    throw invalidOption('http2', http2, 'is no choice', "Give true, false or 'prior-knowledge'");
  }
  if (socketPath !== undefined && (typeof socketPath !== 'string' || socketPath === '')) {
    throw invalidOption('socketPath', socketPath, 'is no path', 'Give the path of a unix socket');
  }
  if (proxy === undefined || proxy === null) return;
  checkProxy(proxy);
  if (socketPath === undefined) return;
  throw invalidOption(
    'proxy',
    {},
    'cannot be used together with socketPath, which stands for every host',
    'Leave one of them out',
  );
}

function checkLimits(limits: PoolLimits): void {
  checkObject('limits', limits);
  checkNames(limits, new Set(LIMITS.keys()), 'limits');
  for (const [name, least] of LIMITS) {
    const limit = limits[name];
    if (limit === undefined) continue;
    checkedNumber(`limits.${name}`, limit, least);
    if (name === 'keepAliveExpiry' || limit === Infinity || Number.isInteger(limit)) continue;
    throw invalidOption(`limits.${name}`, limit, 'is not a whole number', 'Give one');
  }
}

function checkTls(tls: TlsOptions, name: string): void {
  checkObject(name, tls);
  checkNames(tls, TLS, name);
  if (tls.insecure !== undefined) checkedBoolean(`${name}.insecure`, tls.insecure);
  for (const part of TLS_TEXTS) {
    const text = tls[part];
    if (text === undefined || typeof text === 'string') continue;
    throw invalidOption(
      `${name}.${part}`,
      text,
      'is not text',
      'Give a string, certificates in PEM',
    );
  }
  checkTlsOptions(tls, name);
}

function checkProxy(proxy: string | ProxyOptions): void {
  if (typeof proxy === 'string') return;
  checkObject('proxy', proxy);
  checkNames(proxy, PROXY, 'proxy');
  if (typeof proxy.url !== 'string') {
    throw invalidOption('proxy.url', proxy.url, 'is not text', 'Write http://host:port');
  }
  if (proxy.tls !== undefined) checkTls(proxy.tls, 'proxy.tls');
  if (proxy.noProxy !== undefined && typeof proxy.noProxy !== 'string') {
    const remedy = 'List hosts, with commas between them';
    throw invalidOption('proxy.noProxy', proxy.noProxy, 'is not text', remedy);
  }
  if (proxy.auth !== undefined) checkProxyAuth(proxy.auth);
}

/** Shows none of it. */
function checkProxyAuth(auth: NonNullable<ProxyOptions['auth']>): void {
  const { username, password } = (auth ?? {}) as Partial<typeof auth>;
  if (typeof username === 'string' && typeof password === 'string') return;
  throw invalidOption('proxy.auth', {}, 'is no { username, password }', 'Give strings');
}

function checkObject(name: string, value: unknown): void {
  if (typeof value === 'object' && value !== null) return;
  throw invalidOption(name, value, 'is no object', 'See its fields in the documentation');
}
