import { describe, expect, it } from 'vitest';
import { canUpgrade, expectAction, isPersistent, mayResend } from './lifecycle.ts';
import { authorityOf } from './request-target.ts';

describe('isPersistent', () => {
  it.each([
    [1, false, false, true],
    [1, true, true, false],
    [0, false, false, false],
    [0, false, true, true],
    [0, true, true, false],
  ] as const)(
    'P1: HTTP/1.%i, close %s, keep-alive %s: %s',
    (version, close, keepAlive, expected) => {
      expect(isPersistent(version, close, keepAlive)).toBe(expected);
    },
  );
});

describe('expectAction', () => {
  const waiting = {
    minorVersion: 1,
    expectContinue: true,
    expectUnknown: false,
    hasBodyBytes: false,
  } as const;

  it('P8: sends 100 only to a client that waits', () => {
    expect(expectAction(waiting)).toBe('send-continue');
    expect(expectAction({ ...waiting, hasBodyBytes: true })).toBe('read');
    expect(expectAction({ ...waiting, minorVersion: 0 })).toBe('read');
    expect(expectAction({ ...waiting, expectContinue: false })).toBe('read');
    expect(expectAction({ ...waiting, expectUnknown: true })).toBe('refuse-417');
  });
});

describe('canUpgrade', () => {
  const asked = {
    minorVersion: 1,
    hasUpgradeField: true,
    isUpgradeListed: true,
    hasBody: false,
  } as const;

  it('P10: needs every condition', () => {
    expect(canUpgrade(asked)).toBe(true);
    expect(canUpgrade({ ...asked, minorVersion: 0 })).toBe(false);
    expect(canUpgrade({ ...asked, hasUpgradeField: false })).toBe(false);
    expect(canUpgrade({ ...asked, isUpgradeListed: false })).toBe(false);
    expect(canUpgrade({ ...asked, hasBody: true })).toBe(false);
  });
});

describe('mayResend', () => {
  const stale = {
    isReusedConnection: true,
    method: 'GET',
    responseBytes: 0,
    isBodyReplayable: true,
    resends: 0,
  } as const;

  it('P12: once, on a reused connection, for an idempotent request without an answer', () => {
    expect(mayResend(stale)).toBe(true);
    expect(mayResend({ ...stale, isReusedConnection: false })).toBe(false);
    expect(mayResend({ ...stale, method: 'POST' })).toBe(false);
    expect(mayResend({ ...stale, responseBytes: 1 })).toBe(false);
    expect(mayResend({ ...stale, isBodyReplayable: false })).toBe(false);
    expect(mayResend({ ...stale, resends: 1 })).toBe(false);
  });
});

describe('authorityOf', () => {
  it('L9: lets the authority of an absolute target replace Host', () => {
    expect(authorityOf('GET', 'http://b:1/x', 'a')).toBe('b:1');
    expect(authorityOf('GET', '/x', 'a')).toBe('a');
    expect(authorityOf('GET', '/x', null)).toBe('');
    expect(authorityOf('CONNECT', 'c:443', 'a')).toBe('c:443');
  });
});
