import { encodeFields, EncodeError } from '@needletail/wire';
import { InvalidRequestError } from '../errors.ts';
import type { ProxyOptions, TlsOptions } from '../model/client-options.ts';
import { HeaderList } from '../model/header-list.ts';
import { parseUrl, type RequestUrl } from '../model/request-url.ts';
import { parseNoProxy } from './no-proxy.ts';
import { readProxyEnvironment, type Environment, type NamedValue } from './proxy-environment.ts';

/** A proxy to go through. Its `url` holds no credentials: they are in `headers`, which nobody but the proxy may see. */
export interface ProxyServer {
  readonly url: RequestUrl;
  /** Proxy-Authorization first, where there is any, then what the user wants the proxy to see. */
  readonly headers: HeaderList;
  readonly tls: TlsOptions;
}

/** Which proxy, if any, a URL is requested through. */
export interface ProxyRules {
  proxyFor(url: RequestUrl): ProxyServer | null;
}

export interface ProxyRulesInput {
  /** Null for none; undefined leaves it to the environment. */
  readonly proxy?: string | ProxyOptions | null | undefined;
  readonly trustEnv: boolean;
  readonly env: Environment;
}

const NONE: ProxyRules = { proxyFor: () => null };

/**
 * The rules that options and environment make. Throws InvalidRequestError (INVALID_OPTION) for a proxy that cannot be used:
 * now when it is an option, at the first request that needs it when the environment names it.
 */
export function proxyRulesFor(input: ProxyRulesInput): ProxyRules {
  const { proxy } = input;
  if (proxy === null) return NONE;
  if (proxy === undefined) return input.trustEnv ? rulesOfEnvironment(input.env) : NONE;
  const options = typeof proxy === 'string' ? { url: proxy } : proxy;
  const server = parseProxy(options, 'the option proxy');
  const direct = parseNoProxy(options.noProxy ?? '');
  return { proxyFor: (url) => (direct.includes(url) ? null : server) };
}

/** `source` says where the text was found, for the error. */
export function parseProxy(options: ProxyOptions, source: string): ProxyServer {
  const text = options.url.includes('://') ? options.url : `http://${options.url}`;
  const scheme = text.slice(0, text.indexOf(':')).toLowerCase();
  if (scheme !== 'http' && scheme !== 'https') {
    throw invalid(`${source} names a proxy of kind ${scheme}`, 'Use an http:// or https:// proxy');
  }
  let url: RequestUrl;
  try {
    url = parseUrl(text);
  } catch {
    // Without the cause, whose fields hold the text as it is.
    throw invalid(`${source} is no URL`, 'Write http://host:port');
  }
  const headers = new HeaderList();
  const auth = options.auth ?? userInfoOf(url);
  if (auth !== null) {
    const credentials = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
    headers.append('Proxy-Authorization', `Basic ${credentials}`);
  }
  if (options.headers !== undefined) headers.appendAll(options.headers);
  checkHeaders(headers, source);
  return { url: parseUrl(url.origin), headers, tls: options.tls ?? {} };
}

/** Now, when somebody reads the error, and not in the middle of connecting. */
function checkHeaders(headers: HeaderList, source: string): void {
  try {
    encodeFields(headers);
  } catch (error) {
    const what = error instanceof EncodeError ? error.what : 'one';
    throw invalid(`${source} has a header that cannot be sent, ${what}`, 'Correct or remove it');
  }
}

function userInfoOf(url: RequestUrl): { username: string; password: string } | null {
  return url.username === '' && url.password === ''
    ? null
    : { username: url.username, password: url.password };
}

function rulesOfEnvironment(env: Environment): ProxyRules {
  const { http, https, noProxy } = readProxyEnvironment(env);
  if (http === null && https === null) return NONE;
  const direct = parseNoProxy(noProxy);
  const servers = { http: lazily(http), https: lazily(https) };
  return { proxyFor: (url) => (direct.includes(url) ? null : servers[url.scheme]()) };
}

function lazily(named: NamedValue | null): () => ProxyServer | null {
  let server: ProxyServer | null = null;
  return () => {
    if (named !== null) {
      server ??= parseProxy({ url: named.value }, `the environment variable ${named.name}`);
    }
    return server;
  };
}

/** The text itself is left out of the message: a password may be in it. */
function invalid(reason: string, remedy: string): InvalidRequestError {
  return new InvalidRequestError({
    code: 'INVALID_OPTION',
    phase: 'build',
    problem: 'Cannot use that proxy',
    reason,
    remedy,
  });
}
