export { accessLog, type AccessLog, type AccessLogOptions } from './middleware/access-log.ts';
export { basicAuth, type BasicAuthOptions } from './middleware/basic-auth.ts';
export { bearerAuth, type BearerAuthOptions } from './middleware/bearer-auth.ts';
export { bodyLimit } from './middleware/body-limit.ts';
export {
  cacheReplies,
  type CacheRepliesOptions,
  type ReplyCaching,
} from './middleware/cache-replies.ts';
export { compression, type CompressionOptions } from './middleware/compression.ts';
export type { ContentCoding } from './middleware/content-coders.ts';
export { cors, type CorsOptions, type OriginTest } from './middleware/cors.ts';
export { etag, type EtagOptions } from './middleware/etag.ts';
export { internal, type InternalOptions } from './middleware/internal.ts';
export type { LineDestination } from './middleware/line-writer.ts';
export { metrics, type Metrics, type MetricsOptions } from './middleware/metrics.ts';
export { proxyHeaders, type ProxyHeadersOptions } from './middleware/proxy-headers.ts';
export { rateLimit, type RateLimitOptions } from './middleware/rate-limit.ts';
export type { RateLimitState, RateLimitStore } from './middleware/rate-limit-store.ts';
export type { ReadinessCheck } from './middleware/readiness.ts';
export { requestId, type RequestIdOptions } from './middleware/request-id.ts';
export {
  securityHeaders,
  type CspDirectives,
  type SecurityHeadersOptions,
} from './middleware/security-headers.ts';
export { timeout, type TimeoutOptions } from './middleware/timeout.ts';
