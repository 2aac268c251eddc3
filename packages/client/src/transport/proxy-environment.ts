/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says about proxies, each beside the variable that said it; nothing has been checked. */
export interface ProxyEnvironment {
  readonly http: NamedValue | null;
  readonly https: NamedValue | null;
  readonly noProxy: string;
}

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/**
 * HTTP_PROXY, HTTPS_PROXY, ALL_PROXY for what these leave out, and NO_PROXY. The lower-case form wins, as in curl; an empty
 * value is none. In a CGI program (REQUEST_METHOD is set) upper-case HTTP_PROXY is the `Proxy` header of whoever sent the
 * request and does not count (CVE-2016-5385).
 */
export function readProxyEnvironment(env: Environment): ProxyEnvironment {
  const all = read(env, 'all_proxy', 'ALL_PROXY');
  const isCgi = env['REQUEST_METHOD'] !== undefined;
  return {
    http: (isCgi ? read(env, 'http_proxy') : read(env, 'http_proxy', 'HTTP_PROXY')) ?? all,
    https: read(env, 'https_proxy', 'HTTPS_PROXY') ?? all,
    noProxy: read(env, 'no_proxy', 'NO_PROXY')?.value ?? '',
  };
}

function read(env: Environment, ...names: string[]): NamedValue | null {
  for (const name of names) {
    const value = env[name]?.trim() ?? '';
    if (value !== '') return { name, value };
  }
  return null;
}
