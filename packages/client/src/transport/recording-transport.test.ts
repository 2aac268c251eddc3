import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { mock, type MockTransport } from './mock-transport.ts';
import {
  recording,
  type RecordingOptions,
  type RecordingTransport,
} from './recording-transport.ts';
import { pulledBody, textBody, textFrom } from './test-request.fixture.ts';

describe('recording', () => {
  let folder: string;
  let file: string;
  let inner: MockTransport;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'needletail-recording-'));
    file = join(folder, 'cassette.ndjson');
    let count = 0;
    inner = mock({
      '/count': () => ({ text: String((count += 1)) }),
      'POST /echo': ({ body }) => ({
        status: 201,
        body,
        headers: { 'X-A': 'b' },
        trailers: { t: '1' },
      }),
      '/stream': () => ({ stream: ['a', 'b'] }),
      '/binary': { body: Buffer.of(0, 255, 1) },
      '/gzip': { body: gzipSync('text'), headers: { 'content-encoding': 'gzip' } },
      '/login': {
        json: { user: 'ada', access_token: 'SECRET-1', nested: [{ Password: 'SECRET-2' }] },
        headers: { 'set-cookie': 'sid=SECRET-3; Path=/; HttpOnly' },
      },
    });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = (options: Partial<RecordingOptions> = {}): RecordingTransport =>
    recording(inner, { file, ...options });
  const textOf = async (transport: RecordingTransport, path: string): Promise<string> =>
    textFrom(await transport.send(makeRequest(`http://h${path}`)));

  it('answers from what it has recorded, without asking', async () => {
    const body = textBody('hello');
    const request = makeRequest('http://h/echo', { method: 'POST', body });
    const live = await open().send(request);
    const played = await open({ mode: 'replay' }).send(request);
    expect(inner.callCount).toBe(1);
    expect([played.status, played.body, [...played.headers]]).toEqual([
      live.status,
      live.body,
      [...live.headers],
    ]);
    expect(played.trailers?.get('t')).toBe('1');
  });

  it('plays the answers to the same request in order, and stays at the last', async () => {
    const recorder = open({ mode: 'record' });
    for (const expected of ['1', '2']) expect(await textOf(recorder, '/count')).toBe(expected);
    const player = open({ mode: 'replay' });
    for (const expected of ['1', '2', '2']) expect(await textOf(player, '/count')).toBe(expected);
  });

  it('asks for what is missing in auto, and adds it', async () => {
    expect(await textOf(open(), '/count')).toBe('1');
    const auto = open();
    expect(await textOf(auto, '/count')).toBe('1');
    expect(await textOf(auto, '/binary')).toBe(Buffer.of(0, 255, 1).toString());
    expect(inner.callCount).toBe(2);
    await textOf(open({ mode: 'replay' }), '/binary');
    expect(inner.callCount).toBe(2);
  });

  it('begins anew in record', async () => {
    await textOf(open(), '/count');
    expect(await textOf(open({ mode: 'record' }), '/count')).toBe('2');
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(2);
  });

  it.each(['/binary', '/gzip', '/stream', '/count'])(
    'plays %s byte by byte as it was',
    async (path) => {
      const live = await open().send(makeRequest(`http://h${path}`, { isStreaming: true }));
      const { body } = await open({ mode: 'replay' }).send(makeRequest(`http://h${path}`));
      expect(body).toEqual(live.body);
    },
  );

  it('tells requests apart by method, URL and body', async () => {
    const recorder = open();
    const body = textBody('a');
    await recorder.send(makeRequest('http://h/echo', { method: 'POST', body }));
    const player = open({ mode: 'replay' });
    const pulled = makeRequest('http://h/echo', { method: 'POST', body: pulledBody(['a']) });
    expect(await textFrom(await player.send(pulled))).toBe('a');
    for (const other of [
      makeRequest('http://h/echo', { method: 'POST', body: textBody('b') }),
      makeRequest('http://h/echo', { method: 'PUT', body }),
      makeRequest('http://h/echo?x', { method: 'POST', body }),
    ]) {
      await expect(player.send(other)).rejects.toMatchObject({ code: 'NO_RECORDING' });
    }
  });

  it('takes other bodies for the same request when told to', async () => {
    const options = { matchBody: false };
    const ask = (text: string) =>
      makeRequest('http://h/echo', { method: 'POST', body: textBody(text) });
    await open(options).send(ask('first'));
    const played = await open({ ...options, mode: 'replay' }).send(ask('second'));
    expect(await textFrom(played)).toBe('first');
  });

  it('writes no secrets, and finds what it wrote without them', async () => {
    const request = makeRequest('http://h/login?api_key=SECRET-4&page=2', {
      headers: {
        Authorization: 'Bearer SECRET-5',
        Cookie: 'SECRET-6',
        'X-Team': 'SECRET-7',
        Accept: '*/*',
      },
    });
    const redact = { headers: ['X-Team'] };
    const live = await open({ redact }).send(request);
    expect(await textFrom(live)).toContain('SECRET-1');
    const text = await readFile(file, 'utf8');
    expect(text).not.toMatch(/SECRET/);
    expect(text).toContain('"Bearer [secret]"');
    expect(text).toContain('sid=[secret]; Path=/; HttpOnly');
    expect(text).toContain('*/*');
    const played = await open({ mode: 'replay', redact }).send(
      makeRequest('http://h/login?api_key=another&page=2'),
    );
    expect(JSON.parse(await textFrom(played))).toEqual({
      user: 'ada',
      access_token: '[secret]',
      nested: [{ Password: '[secret]' }],
    });
  });

  it('writes everything when told to', async () => {
    await open({ redact: false }).send(makeRequest('http://h/login'));
    expect(await readFile(file, 'utf8')).toContain('SECRET-1');
  });

  it('says that there is no recording to replay', async () => {
    const sent = open({ mode: 'replay' }).send(makeRequest('http://h/count'));
    await expect(sent).rejects.toMatchObject({ code: 'CASSETTE_FAILED' });
    await expect(sent).rejects.toThrow('it is not there');
  });

  it.each(['auto', 'replay', 'record'] as const)(
    'leaves files of others alone (%s)',
    async (mode) => {
      await writeFile(file, 'dear diary\n');
      const sent = open({ mode }).send(makeRequest('http://h/count'));
      await expect(sent).rejects.toMatchObject({ code: 'NOT_A_CASSETTE' });
      expect(await readFile(file, 'utf8')).toBe('dear diary\n');
    },
  );

  it.each(['{oops', '{"request":{},"response":{}}', '5'])(
    'says which line is broken: %s',
    async (line) => {
      await writeFile(file, `{"cassette":"needletail/1"}\n${line}\n`);
      const sent = open().send(makeRequest('http://h/count'));
      await expect(sent).rejects.toMatchObject({ code: 'NOT_A_CASSETTE' });
      await expect(sent).rejects.toThrow('line 2');
    },
  );

  it('records many at once, each on a line of its own', async () => {
    const recorder = open();
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => textOf(recorder, `/count?n=${index}`)),
    );
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(51);
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  it('closes what it stands before', async () => {
    const recorder = open();
    await recorder.close();
    await expect(recorder.send(makeRequest('http://h/count'))).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
    });
    await expect(inner.send(makeRequest('http://h/count'))).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
    });
  });
});
