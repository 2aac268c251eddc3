import { describe, expect, it } from 'vitest';
import { HttpError } from '../app/http-error.ts';
import { App } from '../app/app.ts';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { json } from '../reply/reply.ts';
import { requestId } from './request-id.ts';
import { securityHeaders } from './security-headers.ts';

describe('securityHeaders()', () => {
  bothWays('adds its fields to every answer, errors and misses among them', async (way) => {
    way
      .app()
      .use(securityHeaders())
      .get('/', () => ({ a: 1 }))
      .get('/broken', () => {
        throw new HttpError(400);
      });
    for (const url of ['/', '/broken', '/nowhere']) {
      const { headers } = await way.send(url);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toContain("object-src 'none'");
      expect(headers.get('permissions-policy')).toBeNull();
    }
  });

  bothWays('lets options and handlers have it their way, once each', async ({ app, send }) => {
    app()
      .use(securityHeaders({ xFrameOptions: false, contentSecurityPolicy: { 'img-src': ['*'] } }))
      .use(requestId())
      .use(securityHeaders({ permissionsPolicy: 'camera=()' }))
      .get('/', (c) => {
        c.set('referrer-policy', 'origin');
        return json(1, { headers: { 'X-XSS-Protection': '1' } });
      });
    const { headers } = await send('/');
    expect(headers.getAll('referrer-policy')).toEqual(['origin']);
    expect(headers.getAll('x-xss-protection')).toEqual(['1']);
    expect(headers.getAll('x-content-type-options')).toEqual(['nosniff']);
    expect(headers.get('permissions-policy')).toBe('camera=()');
    expect(headers.get('x-request-id')).not.toBeNull();
  });

  it('writes directives, and refuses what no head may hold when it is made', async () => {
    const app = new App()
      .use(securityHeaders({ contentSecurityPolicy: { 'default-src': ["'none'"], sandbox: [] } }))
      .get('/', () => 'x');
    const got = await app.inject('/');
    expect(got.headers.get('content-security-policy')).toBe("default-src 'none';sandbox");
    expect(() => securityHeaders({ referrerPolicy: 'a\r\nSet-Cookie: x' })).toThrow(/control/);
  });
});
