export { accessLog, type AccessLog, type AccessLogOptions } from './middleware/access-log.ts';
export { bodyLimit } from './middleware/body-limit.ts';
export { cors, type CorsOptions, type OriginTest } from './middleware/cors.ts';
export type { LineDestination } from './middleware/line-writer.ts';
export { requestId, type RequestIdOptions } from './middleware/request-id.ts';
export {
  securityHeaders,
  type CspDirectives,
  type SecurityHeadersOptions,
} from './middleware/security-headers.ts';
