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
    ['EADDRNOTAVAIL', 'listen', 'NO_ADDRESS'],
    ['ENOTFOUND', 'listen', 'NO_ADDRESS'],
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

  it('gives the reason of OpenSSL without its numbers, and a certificate fault without a loose end', () => {
    const handshake = Object.assign(systemError('EPROTO'), {
      message: 'C0B6:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:a.c:354:',
      reason: 'wrong version number',
    });
    expect(classifySocketError(handshake, 'tls', 'a:1').message).toMatch(
      /^Cannot agree on TLS: wrong version number \(a:1\)\. /,
    );
    const name = Object.assign(systemError('ERR_TLS_CERT_ALTNAME_INVALID'), {
      message: "IP: 127.0.0.1 is not in the cert's list: ",
    });
    expect(classifySocketError(name, 'tls', 'a:1').message).toContain("the cert's list (a:1).");
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
