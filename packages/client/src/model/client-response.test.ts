import { describe, expect, it } from 'vitest';
import { makeRequest } from './client-request.fixture.ts';
import { StatusError, ValidationError } from '../errors.ts';
import { makeExchange, makeResponse, PiecewiseBody } from '../send/exchange.fixture.ts';
import { responseWithBody } from '../transport/response-with-body.ts';
import type { TransportResponse } from '../transport/transport.ts';
import type { SchemaIssue, StandardSchema } from './client-options.ts';
import { ClientResponse } from './client-response.ts';

function responseOf(
  response: TransportResponse,
  url = 'http://user:pass@example.com/a?b#c',
): ClientResponse {
  return new ClientResponse(makeExchange(response, makeRequest(url)), 12.5);
}

function bodyOf(body: Uint8Array | string, ...fields: string[]): ClientResponse {
  return responseOf(makeResponse(200, fields, body));
}

function schemaOf<T>(issues: readonly SchemaIssue[], value: T, isLate = false): StandardSchema<T> {
  const result = issues.length > 0 ? { issues } : { value };
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: () => (isLate ? Promise.resolve(result) : result),
    },
  };
}

describe('ClientResponse', () => {
  it('shows the head', () => {
    const fields = ['Link: </n>; rel=next', 'Set-Cookie: a=1', 'set-cookie: b=2'];
    const interim = [{ status: 103, headers: makeResponse(103).headers }];
    const response = responseOf(makeResponse(206, fields, 'x', { reason: 'Partial', interim }));
    expect(response).toMatchObject({
      status: 206,
      reason: 'Partial',
      ok: true,
      httpVersion: '1.1',
      elapsedMs: 12.5,
    });
    expect(response.url).toBe('http://example.com/a?b#c');
    expect(response.headers.getAll('set-cookie')).toEqual(['a=1', 'b=2']);
    expect(response.links.get('next')?.url).toBe('http://example.com/n');
    expect(response.interim).toBe(interim);
    expect(response.trailers).toBeNull();
    expect(response.history).toEqual([]);
    expect(response.isRedirect).toBe(false);
  });

  it('shows the answers that led to it', () => {
    const first = makeExchange(
      makeResponse(302, ['Location: /b']),
      makeRequest('http://example.com/a'),
    );
    const last = makeExchange(makeResponse(200), makeRequest('http://example.com/b'));
    const response = new ClientResponse({ ...last, history: [first] }, 3);
    expect(
      response.history.map(({ status, url, isRedirect }) => [status, url, isRedirect]),
    ).toEqual([[302, 'http://example.com/a', true]]);
    expect(response.history).toBe(response.history);
    expect(response.history[0]!.bytes()).toHaveLength(0);
  });

  it('has no body while it is a stream', () => {
    const response = responseOf(makeResponse(200, [], new PiecewiseBody([])));
    expect(() => response.bytes()).toThrow(expect.objectContaining({ code: 'BODY_NOT_READ' }));
  });
});

describe('ClientResponse.text()', () => {
  it('decodes by Content-Type, and by what is set', () => {
    const response = bodyOf(Buffer.from([0xe9, 0x80]), 'Content-Type: text/plain; charset=latin1');
    expect(response.encoding).toBe('windows-1252');
    expect(response.text()).toBe('\u00e9\u20ac');
    response.encoding = 'iso-8859-2';
    expect(response.encoding).toBe('iso-8859-2');
    expect(response.text()).toBe('\u00e9\x80');
    expect(() => {
      response.encoding = 'klingon';
    }).toThrow(expect.objectContaining({ name: 'InvalidRequestError', code: 'INVALID_OPTION' }));
    expect(response.encoding).toBe('iso-8859-2');
  });

  it('takes UTF-8 for an unknown charset, and says so', () => {
    const response = bodyOf('h\u00e9', 'Content-Type: text/plain; charset=klingon');
    expect(response.encoding).toBe('utf-8');
    expect(response.text()).toBe('h\u00e9');
  });

  it('replaces malformed bytes', () => {
    expect(bodyOf(Buffer.from([0x61, 0xff])).text()).toBe('a\ufffd');
  });
});

describe('ClientResponse.json()', () => {
  it('parses anew each time', () => {
    const response = bodyOf('{"a":[1]}');
    expect(response.json<{ a: number[] }>().a[0]).toBe(1);
    expect(response.json()).not.toBe(response.json());
  });

  it('goes by an encoding that was set', () => {
    const response = bodyOf(Buffer.from([0x22, 0xe9, 0x22]));
    expect(() => response.json()).toThrow(expect.objectContaining({ code: 'INVALID_JSON' }));
    response.encoding = 'latin1';
    expect(response.json()).toBe('\u00e9');
  });

  it('gives what a schema makes of it', async () => {
    const value: number = bodyOf('"7"').json(schemaOf([], 7));
    expect(value).toBe(7);
    expect(await bodyOf('"7"').parse(schemaOf([], 7, true))).toBe(7);
    expect(await bodyOf('"7"').parse(schemaOf([], 7))).toBe(7);
  });

  it('throws ValidationError with paths', async () => {
    const issues: SchemaIssue[] = [
      { message: 'expected a number', path: ['items', 0, { key: 'id' }] },
      { message: 'is missing', path: [Symbol('secret')] },
      { message: 'no object' },
      { message: 'one more' },
    ];
    const refused = (): unknown => bodyOf('{}').json(schemaOf(issues, 1));
    expect(refused).toThrow(ValidationError);
    expect(refused).toThrow(
      'Response refused: its body is not what the schema wants: items[0].id: expected a number; Symbol(secret): is missing; no object; and 1 more (GET http://example.com/a?b). See error.issues, and compare schema and API.',
    );
    await expect(bodyOf('{}').parse(schemaOf(issues, 1, true))).rejects.toMatchObject({
      code: 'INVALID_RESPONSE',
      issues,
    });
  });

  it('wants parse() for a schema that takes its time', () => {
    expect(() => bodyOf('1').json(schemaOf([], 1, true))).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        message: expect.stringContaining('parse(schema)'),
      }),
    );
  });
});

describe('ClientResponse.raiseForStatus()', () => {
  it('gives back a response of 2xx', () => {
    const response = responseOf(makeResponse(299));
    expect(response.raiseForStatus()).toBe(response);
  });

  it.each([
    [
      makeResponse(404, [], '', { reason: 'Not Here' }),
      'Status refused: the server answered 404 Not Here (GET http://example.com/a?b#c). See error.response for what it says.',
    ],
    [makeResponse(503), 'the server answered 503 Service Unavailable ('],
    [makeResponse(799), 'the server answered 799 ('],
    [makeResponse(301, ['Location: /new']), 'the server answered 301 Moved Permanently, to /new ('],
  ])('throws StatusError for answer %#', (answer, message) => {
    const response = responseOf(answer);
    let error: unknown;
    try {
      response.raiseForStatus();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(StatusError);
    expect(error).toMatchObject({
      code: 'STATUS',
      phase: 'status',
      status: answer.status,
      method: 'GET',
    });
    expect((error as StatusError).response).toBe(response);
    expect((error as StatusError).message).toContain(message);
  });
});

describe('ClientResponse.toFetchResponse()', () => {
  it('says the same', async () => {
    const fields = ['Content-Type: text/plain', 'Set-Cookie: a=1', 'Set-Cookie: b=2'];
    const fetched = responseOf(
      makeResponse(418, fields, 'short', { reason: 'Teapot' }),
    ).toFetchResponse();
    expect([fetched.status, fetched.statusText, await fetched.text()]).toEqual([
      418,
      'Teapot',
      'short',
    ]);
    expect(fetched.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(responseOf(makeResponse(204)).toFetchResponse().body).toBeNull();
    expect(() => responseOf(makeResponse(700)).toFetchResponse()).toThrow(RangeError);
  });
});

describe('responseWithBody()', () => {
  it('keeps all but the body', () => {
    const original = makeResponse(201, ['A: b'], 'x', { reason: 'Made' });
    const body = Buffer.from('y');
    expect({ ...responseWithBody(original, body) }).toEqual({ ...original, body });
  });
});
