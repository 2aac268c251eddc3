import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../client.ts';
import type { RequestOptions } from '../model/client-options.ts';
import type { ClientResponse } from '../model/client-response.ts';
import { ARRANGEMENTS, type Arrangement } from './arrangements.fixture.ts';
import { CASES, type Case, type ExpectedRequest } from './cases.fixture.ts';
import type { Seen } from './target.fixture.ts';

type Call = (
  client: Client,
  method: string,
  url: string,
  options: RequestOptions,
) => Promise<ClientResponse>;

/** Every way to make a call: what reaches the target may not depend on it. */
const STYLES: Readonly<Record<string, Call>> = {
  request: (client, method, url, options) => client.request(method, url, options),
  'build and send': (client, method, url, options) =>
    client.send(client.build(method, url, options)),
  stream: async (client, method, url, options) => {
    const response = await client.stream(method, url, options);
    return response.read();
  },
  'an extended client': (client, method, url, options) =>
    client.extend({}).request(method, url, options),
  // A hook keeps every request on the way through all layers; the others go directly where they may.
  'a client with hooks': (client, method, url, options) =>
    client.extend({ hooks: { request: () => {} } }).request(method, url, options),
  gather: async (client, method, url, options) => {
    const [response] = await client.gather([{ method, url, ...options }]);
    return response!;
  },
};

const optionsOf = ({ options }: Case): RequestOptions =>
  typeof options === 'function' ? options() : (options ?? {});

function expectSeen(seen: Seen | undefined, expected: ExpectedRequest): void {
  expect(seen).toBeDefined();
  if (expected.method !== undefined) expect(seen!.method).toBe(expected.method);
  if (expected.target !== undefined) expect(seen!.target).toBe(expected.target);
  for (const [name, values] of Object.entries(expected.headers ?? {})) {
    const lines = seen!.headers.filter(([key]) => key === name).map(([, value]) => value);
    // Some carriers hand repeated fields over joined, which means the same (RFC 9110 §5.3).
    expect(lines.join(', ')).toBe(values.join(', '));
  }
  if (expected.body !== undefined) {
    const body = Buffer.from(seen!.body, 'base64');
    expect(body.equals(Buffer.from(expected.body as string))).toBe(true);
  }
}

function expectResponse(response: ClientResponse, { response: expected }: Case): void {
  expect(response.status).toBe(expected.status);
  if (expected.text !== undefined) expect(response.text()).toBe(expected.text);
  if (expected.bytes !== undefined) expect(response.bytes().equals(expected.bytes)).toBe(true);
  for (const [name, values] of Object.entries(expected.headers ?? {})) {
    expect(response.headers.getAll(name).join(', ')).toBe(values.join(', '));
  }
  if (expected.history !== undefined) {
    expect(response.history.map(({ status }) => status)).toEqual(expected.history);
  }
}

describe.each(Object.entries(ARRANGEMENTS))('through %s', (_name, arrange) => {
  let arrangement: Arrangement;
  beforeAll(async () => {
    arrangement = await arrange();
  });
  afterAll(() => arrangement.close());
  beforeEach(() => {
    arrangement.target.seen.length = 0;
  });

  describe.each(Object.entries(STYLES))('%s', (_style, call) => {
    it.each(CASES.map((one) => [one.name, one] as const))('%s', async (_case, one) => {
      const { client, target } = arrangement;
      const response = await call(client, one.method, one.url, optionsOf(one));
      expect(target.seen).toHaveLength(one.seen.length);
      for (const [index, expected] of one.seen.entries()) expectSeen(target.seen[index], expected);
      expectResponse(response, one);
    });
  });

  it('keeps cookies that an answer sets, for the next request', async () => {
    const { client, target } = arrangement;
    const own = client.extend({ cookieJar: true });
    await own.get('/cookie');
    await own.get('/echo', { cookies: { mine: '1' } });
    expectSeen(target.seen[1], { headers: { cookie: ['mine=1; tasted=yes; b=2'] } });
    await client.get('/echo');
    expectSeen(target.seen[2], { headers: { cookie: [] } });
  });

  it('gives repeated fields of an answer apart', async () => {
    const response = await arrangement.client.get('/cookie');
    expect(response.headers.getAll('set-cookie')).toEqual(['tasted=yes; Path=/', 'b=2']);
  });

  it('sends a body as it comes, and says how far it is', async () => {
    const { client, target } = arrangement;
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const progress: number[] = [];
    await client.post('/status/200', {
      body: (async function* () {
        for (let sent = 0; sent < 8; sent += 1) yield chunk;
      })(),
      onUploadProgress: ({ transferredBytes }) => progress.push(transferredBytes),
    });
    expect(Buffer.from(target.seen[0]!.body, 'base64')).toHaveLength(8 * chunk.length);
    expect(progress.at(-1)).toBe(8 * chunk.length);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });

  it('fails with the error of a body that breaks off, and goes on working', async () => {
    const { client } = arrangement;
    const sending = client.post('/echo', {
      body: (async function* () {
        yield Buffer.from('half');
        throw new Error('the disk is gone');
      })(),
    });
    await expect(sending).rejects.toMatchObject({
      method: 'POST',
      cause: { message: 'the disk is gone' },
    });
    expect((await client.get('/echo')).status).toBe(200);
  });

  it('aborts', async () => {
    const { client } = arrangement;
    const reason = new Error('enough');
    await expect(client.get('/echo', { signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      name: 'AbortError',
      code: 'ABORTED',
      cause: reason,
    });
  });

  it('refuses fields that would end the line', async () => {
    const { client, target } = arrangement;
    for (const value of ['a\r\nX-Injected: 1', 'a\nb', 'a\0b', '\u010d\u010a']) {
      await expect(client.get('/echo', { headers: { 'x-value': value } })).rejects.toMatchObject({
        method: 'GET',
      });
    }
    expect(target.seen).toHaveLength(0);
  });
});
