import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../errors.ts';
import { checkTlsOptions, tlsSettingsFor } from './tls-settings.ts';

const mine = selfSignedCertificate();
const other = selfSignedCertificate();

describe('checkTlsOptions', () => {
  it.each([
    [{}],
    [{ insecure: true, servername: 'x' }],
    [{ ca: mine.cert }],
    [{ cert: mine.cert, key: mine.key }],
  ])('accepts what works', (options) => {
    expect(() => checkTlsOptions(options, 'tls')).not.toThrow();
  });

  it.each([
    [{ cert: mine.cert }, /cert is there without key/],
    [{ key: mine.key }, /key is there without cert/],
    [{ cert: mine.cert, key: other.key }, /refused/],
    [{ cert: 'not PEM', key: mine.key }, /refused/],
  ])('refuses what cannot work, when it is given', (options, message) => {
    expect(() => checkTlsOptions(options, 'proxy.tls')).toThrowError(InvalidRequestError);
    expect(() => checkTlsOptions(options, 'proxy.tls')).toThrowError(message);
    expect(() => checkTlsOptions(options, 'proxy.tls')).toThrowError('option proxy.tls');
  });
});

describe('tlsSettingsFor', () => {
  it('verifies the host of the URL unless another name is given', () => {
    const purpose = { hostname: 'a.test', alpn: ['h2'], session: {} };
    expect(tlsSettingsFor({}, purpose)).toEqual({
      servername: 'a.test',
      insecure: false,
      alpn: ['h2'],
      session: purpose.session,
    });
    expect(tlsSettingsFor({ servername: 'b.test' }, purpose).servername).toBe('b.test');
  });
});
