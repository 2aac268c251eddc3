import { TOKEN_LIST } from './token-list.ts';
import type { AnyContext, Middleware, Next } from '../app/middleware.ts';
import { empty, type Reply } from '../reply/reply.ts';
import { OptionError } from '../errors.ts';
import { checkNames, type Names } from '../listen/check-names.ts';

/** Says whether pages of `origin` may read answers. */
export type OriginTest = (origin: string, c: AnyContext) => boolean | Promise<boolean>;

export interface CorsOptions {
  /** `*` for all pages, a list of origins as browsers send them (`https://shop.example`), or a test. */
  readonly origins: '*' | readonly string[] | OriginTest;
  /** Whether cookies and client certificates may come along; not with `*`. False unless given. */
  readonly credentials?: boolean;
  /** GET, HEAD, PUT, PATCH, POST and DELETE unless given. */
  readonly methods?: readonly string[];
  /** Request fields that pages may set; those they ask for unless given. */
  readonly allowHeaders?: readonly string[];
  /** Fields of answers that pages may read besides the safe ones. */
  readonly exposeHeaders?: readonly string[];
  /** How long a browser may keep what a preflight said; left to it unless given (5 s in most). */
  readonly maxAgeSeconds?: number;
  /** Whether pages of public sites may reach this server in a private network. False unless given. */
  readonly privateNetwork?: boolean;
}

const OPTIONS: Names<CorsOptions> = {
  origins: true,
  credentials: true,
  methods: true,
  allowHeaders: true,
  exposeHeaders: true,
  maxAgeSeconds: true,
  privateNetwork: true,
};

const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE'];
/** What is mirrored has a limit. */
const LONGEST_LIST = 2048;

/**
 * Cross-Origin Resource Sharing (Fetch Standard §3.2): tells browsers which pages may read the answers, and answers preflights
 * for every path of its scope. It keeps nobody out: requests of other programs have no Origin that could be believed.
 */
export function cors(options: CorsOptions): Middleware {
  checkNames('cors', options, OPTIONS);
  refuseContradictions(options);
  const { origins, credentials = false, exposeHeaders = [] } = options;
  const isForAll = origins === '*';
  const isAllowed = testOf(origins);
  const exposed = exposeHeaders.join(', ');

  const answerTo = (c: AnyContext, next: Next, origin: string, mayRead: boolean): unknown => {
    const { fields } = c;
    if (mayRead) {
      fields.set('Access-Control-Allow-Origin', isForAll ? '*' : origin);
      if (credentials) fields.set('Access-Control-Allow-Credentials', 'true');
    }
    if (isPreflight(c)) return preflight(c, options, mayRead);
    if (mayRead && exposed !== '') fields.set('Access-Control-Expose-Headers', exposed);
    return next();
  };
  return {
    name: 'cors',
    handle(c, next) {
      const origin = c.header('origin');
      // A cache must not give the answer for one origin, or for none, to another.
      if (!isForAll) c.fields.addToList('Vary', 'Origin');
      if (origin === null) return next();
      const mayRead = isAllowed(origin, c);
      return typeof mayRead === 'boolean'
        ? answerTo(c, next, origin, mayRead)
        : mayRead.then((may) => answerTo(c, next, origin, may));
    },
  };
}

function refuseContradictions({ origins, credentials }: CorsOptions): void {
  if (credentials !== true) return;
  const listed = typeof origins === 'function' ? [] : origins;
  if (origins === '*') {
    throw new OptionError('cors', 'credentials for `*`, which browsers refuse', 'List the origins');
  }
  // Sandboxed frames of any site, and local files, have this origin.
  if (listed.includes('null')) {
    throw new OptionError('cors', 'credentials for `null`, which anybody can be', 'Leave it out');
  }
}

function testOf(origins: CorsOptions['origins']): OriginTest {
  if (origins === '*') return () => true;
  if (typeof origins === 'function') return origins;
  const known = new Set(origins);
  return (origin) => known.has(origin);
}

function isPreflight(c: AnyContext): boolean {
  return c.method === 'OPTIONS' && c.header('access-control-request-method') !== null;
}

function preflight(c: AnyContext, options: CorsOptions, mayRead: boolean): Reply {
  const { fields } = c;
  const { methods = METHODS, allowHeaders, maxAgeSeconds, privateNetwork = false } = options;
  fields.addToList('Vary', 'Access-Control-Request-Method');
  fields.addToList('Vary', 'Access-Control-Request-Headers');
  if (!mayRead) return empty();
  fields.set('Access-Control-Allow-Methods', methods.join(', '));
  const allowed = allowHeaders?.join(', ') ?? mirrored(c.header('access-control-request-headers'));
  if (allowed !== '') fields.set('Access-Control-Allow-Headers', allowed);
  if (maxAgeSeconds !== undefined) fields.set('Access-Control-Max-Age', String(maxAgeSeconds));
  if (privateNetwork && c.header('access-control-request-private-network') === 'true') {
    fields.set('Access-Control-Allow-Private-Network', 'true');
  }
  return empty();
}

function mirrored(asked: string | null): string {
  return asked !== null && asked.length <= LONGEST_LIST && TOKEN_LIST.test(asked) ? asked : '';
}
