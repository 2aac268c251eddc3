import { describe, expect, it } from 'vitest';
import { resolveHost } from './resolve.ts';

describe('resolveHost', () => {
  it.each([
    ['127.0.0.1', ['127.0.0.1']],
    ['::1', ['::1']],
    ['[2001:db8::7]', ['2001:db8::7']],
    ['localhost', ['127.0.0.1', '::1']],
    ['LocalHost.', ['127.0.0.1', '::1']],
    ['app.localhost', ['127.0.0.1', '::1']],
  ])('answers %s without asking a name server', async (host, addresses) => {
    expect(await resolveHost(host)).toEqual(addresses);
  });

  it.each(['no-such-host.invalid', ''])('rejects %j with DNS_FAILED and a remedy', async (host) => {
    await expect(resolveHost(host)).rejects.toMatchObject({
      code: 'DNS_FAILED',
      phase: 'resolve',
      where: host,
    });
    await expect(resolveHost(host)).rejects.toThrowError(
      /Cannot find the host.*Check the spelling/,
    );
  });

  it('rejects with the reason of the signal that aborts it', async () => {
    const reason = new Error('changed my mind');
    await expect(resolveHost('example.invalid', AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const answer = resolveHost('example.invalid', controller.signal);
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
  });
});
