import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { AuthError } from '../errors.ts';
import { converse, makeResponse } from '../send/exchange.fixture.ts';
import { basicCredentials } from './basic.ts';
import { netrc } from './netrc.ts';
import { parseNetrc } from './netrc-file.ts';

function entriesOf(text: string): unknown {
  const { machines, fallback } = parseNetrc(text, '.netrc');
  const pairs = [...machines].map(([name, { login, password }]) => [name, login, password]);
  return fallback === null ? pairs : [...pairs, ['*', fallback.login, fallback.password]];
}

describe('parseNetrc()', () => {
  it.each([
    ['machine a login u password p', [['a', 'u', 'p']]],
    ['machine A.Example\n\tlogin u\n\tpassword p\n', [['a.example', 'u', 'p']]],
    ['machine a password p account x user u', [['a', 'u', 'p']]],
    ['machine a login "u v" password "p\\"q\\\\"', [['a', 'u v', 'p"q\\']]],
    ['# top\nmachine a # host\nlogin u password #p', [['a', 'u', '#p']]],
    ['machine a login u1 password p1 machine a login u2 password p2', [['a', 'u1', 'p1']]],
    [
      'machine a login u password p default login d password e',
      [
        ['a', 'u', 'p'],
        ['*', 'd', 'e'],
      ],
    ],
    [
      'machine a login u password p\nmacdef init\ncd /x\nmachine b\n\nmachine c login v password q',
      [
        ['a', 'u', 'p'],
        ['c', 'v', 'q'],
      ],
    ],
    ['macdef m\r\nls\r\n\r\nmachine c login v password q', [['c', 'v', 'q']]],
    ['macdef m\nls', []],
    ['\ufeffmachine a', [['a', '', '']]],
    ['', []],
  ])('reads %j', (text, expected) => {
    expect(entriesOf(text)).toEqual(expected);
  });

  it.each([
    ['machine', 'line 1 ends behind machine'],
    ['machine a\nlogin', 'line 2 ends behind login'],
    ['\n\nhost a', 'line 3 has a word where'],
    ['machine a login u password p q', 'line 1 has a word where'],
    ['machine a login "x', 'the quote in line 1 is not closed'],
  ])('says in which line %j is wrong', (text, reason) => {
    expect(() => parseNetrc(text, '/home/.netrc')).toThrow(
      expect.objectContaining({ code: 'AUTH_FILE', message: expect.stringContaining(reason) }),
    );
  });

  it('shows no secret in an error', () => {
    const secret = (): unknown => parseNetrc('machine a login u password pw\nhunter2', 'f');
    expect(secret).toThrow(AuthError);
    expect(secret).not.toThrow(/hunter2|pw/);
  });

  it('reads back what was written', () => {
    const word = fc.string({ minLength: 1, maxLength: 12, unit: 'binary' });
    const entry = fc.tuple(fc.stringMatching(/^[a-z][a-z.]{0,9}$/), word, word);
    const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: ([name]) => name }), (entries) => {
        const text = entries.map(
          ([name, login, password]) =>
            `machine ${name} login ${quoted(login)} password ${quoted(password)}`,
        );
        expect(entriesOf(text.join('\n'))).toEqual(entries);
      }),
    );
  });

  it('reads anything, in time that grows with its length only', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^(machine |login |macdef |["\\\n# a]){0,30}$/), (text) => {
        try {
          parseNetrc(text, 'f');
        } catch (error) {
          expect(error).toBeInstanceOf(AuthError);
        }
      }),
    );
    const startedAt = performance.now();
    for (const piece of [
      'machine a ',
      '"a" ',
      '\\',
      ' ',
      'macdef m\n',
      '# \n',
      'default ',
      'macdef m\n ',
    ]) {
      try {
        parseNetrc(`machine a login ${piece.repeat(50_000)}`, 'f');
      } catch (error) {
        expect(error).toBeInstanceOf(AuthError);
      }
    }
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

describe('netrc()', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'netrc-'));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  async function authorizationFor(url: string, file?: string): Promise<string | null> {
    const { sent } = await converse(netrc(file), makeRequest(url), () => makeResponse(200));
    return sent[0]!.headers.get('authorization');
  }

  it('sends what the file has for the host, and nothing elsewhere', async () => {
    const file = join(folder, 'secrets');
    writeFileSync(file, 'machine example.com login ada password secret\n');
    expect(await authorizationFor('http://EXAMPLE.com:8080/', file)).toBe(
      basicCredentials('ada', 'secret'),
    );
    expect(await authorizationFor('http://sub.example.com/', file)).toBeNull();
  });

  it('looks where NETRC says, and sends the default to all others', async () => {
    const file = join(folder, 'named');
    writeFileSync(file, 'default login anyone password at-all');
    vi.stubEnv('NETRC', file);
    expect(await authorizationFor('http://h/')).toBe(basicCredentials('anyone', 'at-all'));
  });

  it('looks in the home directory, where the file may be missing', async () => {
    vi.stubEnv('NETRC', '');
    vi.stubEnv('HOME', folder);
    expect(await authorizationFor('http://h/')).toBeNull();
    writeFileSync(join(folder, '.netrc'), 'machine h login u password p');
    expect(await authorizationFor('http://h/')).toBe(basicCredentials('u', 'p'));
  });

  it('rejects with AuthError when a named file is missing, and looks again', async () => {
    const file = join(folder, 'later');
    const flow = netrc(file);
    const ask = (): Promise<unknown> =>
      converse(flow, makeRequest('http://h/'), () => makeResponse(200));
    await expect(ask()).rejects.toMatchObject({ code: 'AUTH_FILE' });
    writeFileSync(file, 'machine h login u password p');
    await ask();
    expect(await authorizationFor('http://h/', file)).toBe(basicCredentials('u', 'p'));
  });
});
