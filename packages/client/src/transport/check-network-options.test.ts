import { describe, expect, it } from 'vitest';
import { Client } from '../client.ts';
import { InvalidRequestError } from '../errors.ts';
import type { ClientOptions } from '../model/client-options.ts';

describe('new Client', () => {
  it.each([
    [{ limits: { maxConections: 5 } }, 'Perhaps maxConnections is meant'],
    [{ limits: { maxConnections: 0 } }, 'limits.maxConnections'],
    [{ limits: { maxConnectionsPerOrigin: 1.5 } }, 'limits.maxConnectionsPerOrigin'],
    [{ limits: { maxKeepAlive: -1 } }, 'limits.maxKeepAlive'],
    [{ limits: { keepAliveExpiry: Number.NaN } }, 'limits.keepAliveExpiry'],
    [{ limits: 5 }, 'limits'],
    [{ tls: { CA: 'x' } }, 'CA'],
    [{ tls: { rejectUnauthorized: false } }, 'rejectUnauthorized'],
    [{ tls: { insecure: 'yes' } }, 'tls.insecure'],
    [{ tls: { servername: 5 } }, 'tls.servername'],
    [{ tls: null }, 'tls'],
    [{ proxy: 5 }, 'proxy'],
    [{ proxy: { host: 'proxy.test' } }, 'host'],
    [{ proxy: {} }, 'proxy.url'],
    [{ proxy: { url: 'http://proxy.test', tls: { verify: false } } }, 'verify'],
    [{ proxy: 'http://proxy.test', socketPath: '/run/x' }, 'together with socketPath'],
    [{ http2: 'yes' }, 'http2'],
    [{ trustEnv: 'no' }, 'trustEnv'],
    [{ socketPath: '' }, 'socketPath'],
    [{ transport: {} }, 'transport'],
  ])('refuses %j and says %j', (options, words) => {
    const create = (): unknown => new Client(options as unknown as ClientOptions);
    expect(create).toThrow(InvalidRequestError);
    expect(create).toThrow(words);
    expect(create).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }) as Error);
  });

  it('takes every limit there is, and none', async () => {
    const limits = {
      maxConnections: Infinity,
      maxConnectionsPerOrigin: 1,
      maxKeepAlive: 0,
      keepAliveExpiry: 0.5,
    };
    const client = new Client({ limits, tls: { insecure: false }, trustEnv: false, http2: false });
    expect(client.pool.open).toBe(0);
    await client.close();
  });
});
