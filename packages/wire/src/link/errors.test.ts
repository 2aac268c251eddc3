import { describe, expect, it } from 'vitest';
import { classifySocketError, LinkError, type LinkPhase } from './errors.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code} happened`), { code });
}

describe('classifySocketError', () => {
  it.each<[string, LinkPhase, string]>([
    ['ECONNREFUSED', 'connect', 'REFUSED'],
    ['ENETUNREACH', 'connect', 'UNREACHABLE'],
    ['EHOSTUNREACH', 'connect', 'UNREACHABLE'],
    ['EADDRNOTAVAIL', 'connect', 'NO_LOCAL_PORTS'],
    ['EMFILE', 'connect', 'TOO_MANY_FILES'],
    ['ENFILE', 'connect', 'TOO_MANY_FILES'],
    ['ETIMEDOUT', 'connect', 'CONNECT_TIMEOUT'],
    ['ETIMEDOUT', 'read', 'TIMED_OUT'],
    ['EACCES', 'listen', 'DENIED'],
    ['EADDRINUSE', 'listen', 'ADDRESS_IN_USE'],
    ['CERT_HAS_EXPIRED', 'tls', 'TLS_CERT'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'TLS_CERT'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', 'TLS_CERT'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'TLS_CERT'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'TLS_HANDSHAKE'],
    ['EPROTO', 'tls', 'TLS_HANDSHAKE'],
    ['ECONNRESET', 'read', 'RESET'],
    ['EPIPE', 'write', 'RESET'],
    ['SOMETHING_NEW', 'read', 'FAILED'],
  ])('reads %s while in phase %s as %s', (systemCode, phase, code) => {
    const cause = systemError(systemCode);
    const error = classifySocketError(cause, phase, 'example.com:80');
    expect(error).toMatchObject({ code, phase, where: 'example.com:80', cause });
    expect(error.message).toMatch(/^[A-Z][^:]+: .+ \(example\.com:80\)\. .+\.$/);
  });

  it('leaves a LinkError as it is', () => {
    const first = classifySocketError(systemError('EPIPE'), 'write', 'a:1');
    expect(classifySocketError(first, 'read', 'b:2')).toBe(first);
    expect(first).toBeInstanceOf(LinkError);
  });

  it('survives a cause that is no error at all', () => {
    expect(classifySocketError('odd', 'read', 'a:1').message).toContain('odd');
  });
});
