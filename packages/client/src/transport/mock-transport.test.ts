import { FakeClock } from '@needletail/testkit/fake-clock';
import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { readBody } from '../body/read-body.ts';
import { AbortedError, AppError, ConnectError } from '../errors.ts';
import { DEFAULT_TIMEOUTS } from '../model/timeouts.ts';
import { mock, type MockAnswer } from './mock-transport.ts';
import { pulledBody, textBody, textFrom } from './test-request.fixture.ts';
import type { Transport } from './transport.ts';

async function textAt(transport: Transport, url: string, method = 'GET'): Promise<string> {
  return textFrom(await transport.send(makeRequest(url, { method })));
}

describe('mock', () => {
  it('answers by method and path, the first that fits', async () => {
    const transport = mock({
      'POST /items': { text: 'posted' },
      '/items': { text: 'listed' },
      'GET /items/:id': ({ params }) => ({ text: `item ${params['id']}` }),
      '/files/*': ({ path }) => ({ text: path }),
      'https://other.example/*': { text: 'elsewhere' },
      '/search?q=a+b': { text: 'found' },
      '*': { status: 404, text: 'none' },
    });
    expect(await textAt(transport, 'http://h/items?page=2')).toBe('listed');
    expect(await textAt(transport, 'http://h/items', 'POST')).toBe('posted');
    expect(await textAt(transport, 'http://h/items/7?x=y')).toBe('item 7');
    expect(await textAt(transport, 'http://h/items/7/8')).toBe('none');
    expect(await textAt(transport, 'http://h/files/a/b.txt')).toBe('/files/a/b.txt');
    expect(await textAt(transport, 'https://other.example/x')).toBe('elsewhere');
    expect(await textAt(transport, 'http://h/search?q=a+b')).toBe('found');
    expect(await textAt(transport, 'http://h/search?q=aab')).toBe('none');
  });

  it('gives the answers of a list one after the other, and stays at the last', async () => {
    const transport = mock({ '/': [{ text: 'a' }, () => ({ text: 'b' })] });
    const texts = [];
    for (let call = 0; call < 3; call += 1) texts.push(await textAt(transport, 'http://h/'));
    expect(texts).toEqual(['a', 'b', 'b']);
  });

  it('says which routes there are when none fits', async () => {
    const transport = mock({ 'GET /a': {}, '/b': {} });
    await expect(transport.send(makeRequest('http://h/c'))).rejects.toThrow(
      'Mock has no answer: no route fits; there are: GET /a, /b (GET http://h/c).',
    );
  });

  it('keeps what was asked of it', async () => {
    const transport = mock({ '*': {} });
    const headers = { 'X-Key': 'k' };
    const body = textBody('{"a":1}');
    await transport.send(makeRequest('http://h/a?b=c', { method: 'POST', headers, body }));
    await transport.send(
      makeRequest('http://h/d', { method: 'PUT', body: pulledBody(['x', 'yz']) }),
    );
    const [first, second] = transport.calls;
    expect(first).toMatchObject({ method: 'POST', url: 'http://h/a?b=c', path: '/a' });
    expect(first!.query.get('b')).toBe('c');
    expect(first!.headers.get('x-key')).toBe('k');
    expect(first!.json()).toEqual({ a: 1 });
    expect(second!.text()).toBe('xyz');
  });

  it('keeps the latest calls, and counts all', async () => {
    const transport = mock({ '*': {} }, { keptCalls: 2 });
    for (const path of ['a', 'b', 'c']) await transport.send(makeRequest(`http://h/${path}`));
    expect(transport.calls.map(({ path }) => path)).toEqual(['/b', '/c']);
    expect(transport.callCount).toBe(3);
  });

  it('gives status, fields, body and trailers', async () => {
    const headers = [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['X-N', 5],
    ] as const;
    const answer = {
      status: 201,
      reason: 'Made',
      headers,
      json: { a: 1 },
      trailers: { 'X-T': 't' },
    };
    const response = await mock({ '/': answer }).send(makeRequest('http://h/'));
    expect(response).toMatchObject({
      status: 201,
      reason: 'Made',
      httpVersion: '1.1',
      interim: [],
    });
    expect([...response.headers]).toEqual([
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['X-N', '5'],
      ['content-type', 'application/json'],
      ['content-length', '7'],
    ]);
    expect(await textFrom(response)).toBe('{"a":1}');
    expect(response.trailers?.get('x-t')).toBe('t');
  });

  it('takes a Response, as often as it is asked', async () => {
    const transport = mock({ '/': Response.json({ ok: true }, { status: 203 }) });
    expect(await textAt(transport, 'http://h/')).toBe('{"ok":true}');
    const again = await transport.send(makeRequest('http://h/'));
    expect(again.status).toBe(203);
    expect(again.headers.get('content-type')).toBe('application/json');
  });

  it.each(['HEAD', 'GET'])('gives no body to %s where there is none', async (method) => {
    const transport = mock({ 'HEAD /': { text: 'four' }, 'GET /': { status: 304, text: 'four' } });
    const { body, headers } = await transport.send(makeRequest('http://h/', { method }));
    expect(body).toHaveLength(0);
    expect(headers.get('content-length')).toBe(method === 'HEAD' ? '4' : null);
  });

  it('sends a stream piece by piece, and tells it when the reader leaves', async () => {
    let isClosed = false;
    function* stream(): Generator<string> {
      try {
        yield 'a';
        yield 'b';
        for (;;) yield 'more';
      } finally {
        isClosed = true;
      }
    }
    const { body } = await mock({ '/': () => ({ stream: stream() }) }).send(
      makeRequest('http://h/'),
    );
    const pieces: string[] = [];
    for await (const piece of body as AsyncIterable<Buffer>) {
      pieces.push(piece.toString());
      if (pieces.length === 2) break;
    }
    expect(pieces).toEqual(['a', 'b']);
    expect(isClosed).toBe(true);
  });

  it('breaks a stream off with what it throws', async () => {
    const cause = new RangeError('half way');
    function* stream(): Generator<string> {
      yield 'a';
      throw cause;
    }
    const reading = textAt(mock({ '/': { stream: stream() } }), 'http://h/');
    await expect(reading).rejects.toMatchObject({ code: 'APP_FAILED', phase: 'body', cause });
  });

  it('rejects with an error of this package as it is, and with any other as a cause', async () => {
    const refused = new ConnectError({
      code: 'REFUSED',
      phase: 'connect',
      problem: 'No',
      reason: 'no',
      remedy: 'No',
    });
    const transport = mock({
      '/refused': { error: refused },
      '/thrown': () => Promise.reject(new RangeError('mine')),
    });
    await expect(transport.send(makeRequest('http://h/refused'))).rejects.toBe(refused);
    const thrown = transport.send(makeRequest('http://h/thrown'));
    await expect(thrown).rejects.toBeInstanceOf(AppError);
    await expect(thrown).rejects.toMatchObject({ cause: { message: 'mine' } });
  });

  it('answers after its delay', async () => {
    const clock = new FakeClock();
    const transport = mock({ '/': { delayMs: 500 } }, { clock });
    const answer = transport.send(makeRequest('http://h/'));
    await new Promise((resolve) => void setImmediate(resolve));
    expect(clock.nextDueAt).toBe(500);
    clock.advance(500);
    expect((await answer).status).toBe(200);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is cut short by the read timeout and by the signal', async () => {
    const clock = new FakeClock();
    const transport = mock({ '/': { delayMs: 60_000 } }, { clock });
    const timeouts = { ...DEFAULT_TIMEOUTS, read: 100 };
    const slow = transport.send(makeRequest('http://h/', { timeouts }));
    await new Promise((resolve) => void setImmediate(resolve));
    clock.advance(100);
    await expect(slow).rejects.toMatchObject({ code: 'READ_TIMEOUT', phase: 'head' });
    const controller = new AbortController();
    const aborted = transport.send(makeRequest('http://h/', { signal: controller.signal }));
    await new Promise((resolve) => void setImmediate(resolve));
    controller.abort();
    await expect(aborted).rejects.toBeInstanceOf(AbortedError);
  });

  it.each([{ text: 'x'.repeat(11) }, { stream: ['x'.repeat(6), 'x'.repeat(5)] }])(
    'keeps to maxBodyBytes',
    async (answer) => {
      const request = makeRequest('http://h/', { maxBodyBytes: 10 });
      const sent = mock({ '/': answer }).send(request);
      const reading = sent.then(({ body }) => readBody(body, Infinity, request));
      await expect(reading).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
    },
  );

  it.each<MockAnswer>([
    { status: 99 },
    { status: 1.5 },
    { headers: { 'x-a': 'b\r\nc: d' } },
    { headers: { 'x a': 'b' } },
    { trailers: { a: '\n' } },
  ])('refuses to answer with %j', async (answer) => {
    const sent = mock({ '/': answer }).send(makeRequest('http://h/'));
    await expect(sent).rejects.toMatchObject({ code: 'INVALID_ANSWER' });
  });

  it.each(['items', 'get /items', '', 'GET'])('refuses %j as a route', (key) => {
    expect(() => mock({ [key]: {} })).toThrow(/is no route/);
  });

  it('answers nothing once it is closed', async () => {
    const transport = mock({ '*': {} });
    await transport.close();
    await expect(transport.send(makeRequest('http://h/'))).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
    });
  });
});
