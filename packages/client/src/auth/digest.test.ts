import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { streamBody } from '../body/stream-body.ts';
import { textBody } from '../body/whole-body.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { converse, makeResponse } from '../send/exchange.fixture.ts';
import type { TransportResponse } from '../transport/transport.ts';
import { parseAuthParams } from './auth-challenge.ts';
import { digest } from './digest.ts';

const CNONCE = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
const RFC_7616 =
  'realm="http-auth@example.org", qop="auth, auth-int", ' +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ' +
  'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

function challenged(...values: string[]): TransportResponse {
  return makeResponse(
    401,
    values.map((value) => `WWW-Authenticate: ${value}`),
  );
}

function paramsOf(request: ClientRequest): Record<string, string> {
  const value = request.headers.get('authorization') ?? '';
  expect(value.startsWith('Digest ')).toBe(true);
  return Object.fromEntries(parseAuthParams(value.slice('Digest '.length)));
}

/** Challenges once, and gives back what the answer said. */
async function answerTo(
  challenge: string,
  request: ClientRequest = makeRequest('http://www.example.org/dir/index.html'),
  [username, password] = ['Mufasa', 'Circle of Life'],
): Promise<Record<string, string>> {
  const flow = digest(username, password, () => CNONCE);
  const { sent } = await converse(flow, request, (_asked, count) =>
    count === 1 ? challenged(challenge) : makeResponse(200),
  );
  expect(sent).toHaveLength(2);
  expect(sent[0]!.headers.has('authorization')).toBe(false);
  return paramsOf(sent[1]!);
}

function hash(name: string, text: string): string {
  return createHash(name).update(text).digest('hex');
}

describe('digest()', () => {
  it('gives the answers of RFC 7616 §3.9.1', async () => {
    const md5 = await answerTo(`Digest ${RFC_7616}, algorithm=MD5`);
    expect(md5).toEqual({
      username: 'Mufasa',
      realm: 'http-auth@example.org',
      nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
      uri: '/dir/index.html',
      response: '8ca523f5e9506fed4657c9700eebdbec',
      algorithm: 'MD5',
      opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
      qop: 'auth',
      nc: '00000001',
      cnonce: CNONCE,
    });
    const sha256 = await answerTo(`Digest ${RFC_7616}, algorithm=SHA-256`);
    expect(sha256['response']).toBe(
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    );
  });

  it('gives the answer of RFC 2069 where no qop is offered', async () => {
    const answer = await answerTo(
      'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
      undefined,
      ['Mufasa', 'CircleOfLife'],
    );
    expect(answer['response']).toBe('1949323746fe6a43ef61f9606e7febea');
    expect(Object.keys(answer)).not.toContain('nc');
    expect(Object.keys(answer)).not.toContain('cnonce');
  });

  it.each([
    ['MD5', 'md5'],
    ['SHA', 'sha1'],
    ['SHA-256', 'sha256'],
    ['SHA-512-256', 'sha512-256'],
    ['SHA-512', 'sha512'],
  ])(
    'computes %s and its session form by the formula of RFC 7616 §3.4',
    async (algorithm, name) => {
      const asked = hash(name, 'GET:/dir/index.html');
      const secret = hash(name, 'Mufasa:r:Circle of Life');
      const proof = (ha1: string): string =>
        hash(name, `${ha1}:n:00000001:${CNONCE}:auth:${asked}`);
      const plain = await answerTo(`Digest realm=r, nonce=n, qop=auth, algorithm=${algorithm}`);
      expect(plain['response']).toBe(proof(secret));
      const session = await answerTo(
        `Digest realm=r, nonce=n, qop=auth, algorithm=${algorithm}-sess`,
      );
      expect(session['response']).toBe(proof(hash(name, `${secret}:n:${CNONCE}`)));
      expect(session['algorithm']).toBe(`${algorithm}-sess`);
    },
  );

  it('covers the body where only auth-int is offered', async () => {
    const request = makeRequest('http://h/x', { method: 'PUT', body: textBody('h\u00e9', null) });
    const answer = await answerTo('Digest realm=r, nonce=n, qop="auth-int"', request);
    const asked = hash('md5', `PUT:/x:${hash('md5', 'h\u00e9')}`);
    const expected = `${hash('md5', 'Mufasa:r:Circle of Life')}:n:00000001:${CNONCE}:auth-int:${asked}`;
    expect(answer['response']).toBe(hash('md5', expected));
  });

  it('refuses auth-int for a body that is a stream', async () => {
    const body = streamBody((async function* () {})());
    const request = makeRequest('http://h/x', { method: 'PUT', body });
    await expect(answerTo('Digest realm=r, nonce=n, qop=auth-int', request)).rejects.toMatchObject({
      code: 'AUTH_CHALLENGE',
      url: 'http://h/x',
    });
  });

  it('takes the strongest of several challenges that it knows', async () => {
    const flow = digest('a', 'b');
    const { sent } = await converse(flow, makeRequest('http://h/'), (_asked, count) =>
      count === 1
        ? challenged(
            'Basic realm=x, Digest realm=r, nonce=1, algorithm=MD5',
            'Digest realm=r, nonce=2, algorithm=SHA-256',
            'Digest realm=r, nonce=3, algorithm=SHA3-999',
          )
        : makeResponse(200),
    );
    expect(paramsOf(sent[1]!)['nonce']).toBe('2');
  });

  it('hides or extends the user name as the server can take it', async () => {
    const hidden = await answerTo('Digest realm=r, nonce=n, qop=auth, userhash=true');
    expect(hidden).toMatchObject({ username: hash('md5', 'Mufasa:r'), userhash: 'true' });
    const extended = await answerTo('Digest realm=r, nonce=n, qop=auth', undefined, [
      'J\u00e4s\u00f8n',
      'x',
    ]);
    expect(extended['username*']).toBe("UTF-8''J%C3%A4s%C3%B8n");
    expect(extended['username']).toBeUndefined();
    const quoted = await answerTo('Digest realm="a\\"b", nonce=n', undefined, ['a"b\\c', 'x']);
    expect(quoted).toMatchObject({ username: 'a"b\\c', realm: 'a"b' });
  });

  it('hashes the bytes of a realm that is not ASCII', async () => {
    const answer = await answerTo('Digest realm="caf\u00c3\u00a9", nonce=n', undefined, ['u', 'p']);
    const asked = hash('md5', 'GET:/dir/index.html');
    expect(answer['response']).toBe(hash('md5', `${hash('md5', 'u:caf\u00e9:p')}:n:${asked}`));
  });

  it('answers in advance at the next request, and counts in hexadecimal', async () => {
    const flow = digest('a', 'b');
    const request = makeRequest('http://h/');
    await converse(flow, request, (_asked, count) =>
      count === 1 ? challenged('Digest realm=r, nonce=n, qop=auth') : makeResponse(200),
    );
    const counts: (string | undefined)[] = [];
    for (let index = 2; index <= 17; index += 1) {
      const { sent } = await converse(flow, request, () => makeResponse(200));
      expect(sent).toHaveLength(1);
      counts.push(paramsOf(sent[0]!)['nc']);
    }
    expect(counts.slice(7, 9)).toEqual(['00000009', '0000000a']);
    expect(counts.at(-1)).toBe('00000011');
    const other = await converse(flow, makeRequest('http://other/'), () => makeResponse(200));
    expect(other.sent[0]!.headers.has('authorization')).toBe(false);
  });

  it('follows nextnonce', async () => {
    const flow = digest('a', 'b');
    const request = makeRequest('http://h/');
    await converse(flow, request, (_asked, count) =>
      count === 1
        ? challenged('Digest realm=r, nonce=n1, qop=auth')
        : makeResponse(200, ['Authentication-Info: nextnonce="n2", qop=auth']),
    );
    const { sent } = await converse(flow, request, () => makeResponse(200));
    expect(paramsOf(sent[0]!)).toMatchObject({ nonce: 'n2', nc: '00000001' });
  });

  it('exchanges a stale nonce, but not for ever', async () => {
    const flow = digest('a', 'b');
    let nonce = 0;
    const { sent, last } = await converse(flow, makeRequest('http://h/'), () =>
      challenged(`Digest realm=r, nonce=n${(nonce += 1)}, qop=auth, stale=TRUE`),
    );
    expect(sent).toHaveLength(3);
    expect(last.status).toBe(401);
  });

  it('asks twice with wrong credentials, and hands the 401 over', async () => {
    const { sent, last } = await converse(digest('a', 'b'), makeRequest('http://h/'), () =>
      challenged('Digest realm=r, nonce=n, qop=auth'),
    );
    expect(sent).toHaveLength(2);
    expect(last.status).toBe(401);
  });

  it('leaves a 401 without a Digest challenge as it is', async () => {
    const { sent, last } = await converse(digest('a', 'b'), makeRequest('http://h/'), () =>
      challenged('Basic realm=x'),
    );
    expect(sent).toHaveLength(1);
    expect(last.status).toBe(401);
  });

  it.each([
    ['Digest nonce=n', 'names no realm'],
    ['Digest realm=r', 'no nonce'],
    ['Digest realm=r, nonce=n, algorithm=ROT13', 'ROT13'],
    ['Digest realm=r, nonce=n, qop="other"', 'other'],
  ])('rejects %j with AuthError', async (challenge, reason) => {
    await expect(answerTo(challenge)).rejects.toMatchObject({
      name: 'AuthError',
      code: 'AUTH_CHALLENGE',
      message: expect.stringContaining(reason),
    });
  });
});
