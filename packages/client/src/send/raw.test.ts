import { describe, expect, it } from 'vitest';
import { open, scripted } from '../transport/wire-scene.fixture.ts';
import { InvalidUrlError } from '../errors.ts';
import { HeaderList } from '../model/header-list.ts';
import { DEFAULT_TIMEOUTS } from '../model/timeouts.ts';
import { answering, HELLO_ANSWER, type ScriptedServer } from '../transport/wire-setup.fixture.ts';
import { createRaw, type Raw } from './raw.ts';

async function scene(answer = HELLO_ANSWER): Promise<{ raw: Raw; server: ScriptedServer }> {
  const server = await scripted(answering(answer));
  return { server, raw: createRaw(open(), { timeouts: DEFAULT_TIMEOUTS, maxBodyBytes: 1000 }) };
}

describe('raw.get', () => {
  it('sends nothing but the request line and Host, and gives status, headers and body', async () => {
    const { raw, server } = await scene();
    const { status, headers, body } = await raw.get(`${server.url}/x`);
    expect([status, headers.get('content-length'), String(body)]).toEqual([200, '5', 'hello']);
    expect(server.connections[0]!.text).toBe(
      `GET /x HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`,
    );
  });

  it('leaves a redirect and a content coding as they are', async () => {
    const { raw, server } = await scene(
      'HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc',
    );
    const { status, body } = await raw.get(server.url);
    expect([status, String(body)]).toEqual([302, 'abc']);
  });

  it('rejects what is no URL', async () => {
    const { raw } = await scene();
    await expect(raw.get('nowhere')).rejects.toThrowError(InvalidUrlError);
  });
});

describe('raw.request', () => {
  it.each([
    ['an object', { 'X-A': '1' }],
    ['a list', new HeaderList({ 'X-A': '1' })],
  ])('sends headers given as %s, and a body with its length', async (_, headers) => {
    const { raw, server } = await scene();
    await raw.request('POST', server.url, { headers, body: 'ü' });
    expect(server.connections[0]!.text).toMatch(
      /^POST \/ HTTP\/1.1\r\nHost: .*\r\nX-A: 1\r\nContent-Length: 2\r\n\r\n/,
    );
  });
});
