import type { Middleware } from '../app/middleware.ts';
import { checkNames } from '../listen/check-names.ts';
import { fieldBlock } from '../reply/head-fields.ts';

/** Directives by name: `{ 'img-src': ["'self'", 'data:'] }`; one without sources is an empty list. */
export type CspDirectives = Readonly<Record<string, readonly string[]>>;

/** Each field's value; false leaves the field out. */
export interface SecurityHeadersOptions {
  /** Content-Security-Policy. */
  readonly contentSecurityPolicy?: CspDirectives | string | false;
  /** Content-Security-Policy-Report-Only; none unless given. */
  readonly contentSecurityPolicyReportOnly?: CspDirectives | string | false;
  /** `same-origin` */
  readonly crossOriginOpenerPolicy?: string | false;
  /** `same-origin` */
  readonly crossOriginResourcePolicy?: string | false;
  /** None unless given: it keeps pages from embedding what does not opt in. */
  readonly crossOriginEmbedderPolicy?: string | false;
  /** `?1` */
  readonly originAgentCluster?: string | false;
  /** None unless given. */
  readonly permissionsPolicy?: string | false;
  /** `no-referrer` */
  readonly referrerPolicy?: string | false;
  /** `max-age=31536000; includeSubDomains`; browsers take it over HTTPS only (RFC 6797 §8.1). */
  readonly strictTransportSecurity?: string | false;
  /** `nosniff` */
  readonly xContentTypeOptions?: string | false;
  /** `off` */
  readonly xDnsPrefetchControl?: string | false;
  /** `noopen` */
  readonly xDownloadOptions?: string | false;
  /** `SAMEORIGIN` */
  readonly xFrameOptions?: string | false;
  /** `none` */
  readonly xPermittedCrossDomainPolicies?: string | false;
  /** `0`: the filters of old browsers did more harm than good. */
  readonly xXssProtection?: string | false;
}

/** The policy of `helmet` 8. */
const DEFAULT_POLICY: CspDirectives = {
  'default-src': ["'self'"],
  'base-uri': ["'self'"],
  'font-src': ["'self'", 'https:', 'data:'],
  'form-action': ["'self'"],
  'frame-ancestors': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'object-src': ["'none'"],
  'script-src': ["'self'"],
  'script-src-attr': ["'none'"],
  'style-src': ["'self'", 'https:', "'unsafe-inline'"],
  'upgrade-insecure-requests': [],
};

const DEFAULTS: readonly (readonly [
  option: keyof SecurityHeadersOptions,
  name: string,
  value: CspDirectives | string | false,
])[] = [
  ['contentSecurityPolicy', 'Content-Security-Policy', DEFAULT_POLICY],
  ['contentSecurityPolicyReportOnly', 'Content-Security-Policy-Report-Only', false],
  ['crossOriginOpenerPolicy', 'Cross-Origin-Opener-Policy', 'same-origin'],
  ['crossOriginResourcePolicy', 'Cross-Origin-Resource-Policy', 'same-origin'],
  ['crossOriginEmbedderPolicy', 'Cross-Origin-Embedder-Policy', false],
  ['originAgentCluster', 'Origin-Agent-Cluster', '?1'],
  ['permissionsPolicy', 'Permissions-Policy', false],
  ['referrerPolicy', 'Referrer-Policy', 'no-referrer'],
  ['strictTransportSecurity', 'Strict-Transport-Security', 'max-age=31536000; includeSubDomains'],
  ['xContentTypeOptions', 'X-Content-Type-Options', 'nosniff'],
  ['xDnsPrefetchControl', 'X-DNS-Prefetch-Control', 'off'],
  ['xDownloadOptions', 'X-Download-Options', 'noopen'],
  ['xFrameOptions', 'X-Frame-Options', 'SAMEORIGIN'],
  ['xPermittedCrossDomainPolicies', 'X-Permitted-Cross-Domain-Policies', 'none'],
  ['xXssProtection', 'X-XSS-Protection', '0'],
];

const OPTIONS = Object.fromEntries(DEFAULTS.map(([option]) => [option, true as const]));

/**
 * Fields that tell browsers to be careful with the answers, encoded once. A handler that sets one of them itself has it its
 * way.
 */
export function securityHeaders(options: SecurityHeadersOptions = {}): Middleware {
  checkNames('securityHeaders', options, OPTIONS);
  const fields: [string, string][] = [];
  for (const [option, name, standard] of DEFAULTS) {
    const value = options[option] ?? standard;
    if (value !== false) fields.push([name, typeof value === 'string' ? value : policyOf(value)]);
  }
  const block = fieldBlock(fields);
  return {
    name: 'security-headers',
    handle(c, next) {
      c.fields.addBlock(block);
      return next();
    },
  };
}

function policyOf(directives: CspDirectives): string {
  return Object.entries(directives)
    .map(([name, sources]) => [name, ...sources].join(' '))
    .join(';');
}
