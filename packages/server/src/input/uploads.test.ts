import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { App } from '../app/app.ts';
import { TEXT, TestServer } from '../listen/wire-test-server.fixture.ts';
import { BOUNDARY, FORM_FIELDS, field, file, formBody } from './multipart-form.fixture.ts';
import { requestWith } from './memory-request.fixture.ts';
import { readMultipart } from './read-multipart.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'needletail-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

function head(length: number | string): string {
  const type = `Content-Type: multipart/form-data; boundary=${BOUNDARY}`;
  return `POST / HTTP/1.1\r\nHost: test\r\n${type}\r\nContent-Length: ${length}\r\n\r\n`;
}

async function untilEmpty(): Promise<void> {
  while ((await readdir(folder)).length > 0) await nextTurn();
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('a file of a form', () => {
  it('is written to a folder of its own until the form is disposed of', async () => {
    const content = randomBytes(100_000);
    const body = formBody(file('a', '../../x', content), file('b', 'y', ''));
    const form = readMultipart(requestWith([body], FORM_FIELDS), { tempFolder: folder });
    const { a, b } = await form.collect('disk');
    expect(a).toMatchObject({
      filename: 'x',
      sizeBytes: 100_000,
      contentType: 'application/octet-stream',
    });
    expect(b).toMatchObject({ filename: 'y', sizeBytes: 0 });
    const stored = a as { path: string; bytes(): Promise<Buffer>; stream(): AsyncIterable<Buffer> };
    expect(stored.path.startsWith(join(folder, 'needletail-upload-'))).toBe(true);
    expect(digest(await stored.bytes())).toBe(digest(content));
    const pieces: Buffer[] = [];
    for await (const piece of stored.stream()) pieces.push(piece);
    expect(digest(Buffer.concat(pieces))).toBe(digest(content));
    await form[Symbol.asyncDispose]();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is written where the handler says, unless something is there', async () => {
    const path = join(folder, 'mine');
    const form = readMultipart(requestWith([formBody(file('a', 'x', '1'))], FORM_FIELDS));
    for await (const part of form) if (part.kind === 'file') await part.save(path);
    await form.dispose();
    expect(await readFile(path, 'utf8')).toBe('1');
    const again = readMultipart(requestWith([formBody(file('a', 'x', '2'))], FORM_FIELDS));
    for await (const part of again) {
      if (part.kind === 'file')
        await expect(part.save(path)).rejects.toMatchObject({ code: 'EEXIST' });
    }
    expect(await readFile(path, 'utf8')).toBe('1');
    await rm(path);
  });

  it.each([
    [
      'is too large',
      formBody(file('a', 'x', '1'), file('b', 'y', 'z'.repeat(2000))),
      'INPUT_LIMIT',
    ],
    [
      'is cut off',
      formBody(file('a', 'x', '1'), file('b', 'y', '2')).subarray(0, -20),
      'BAD_MULTIPART',
    ],
  ])('takes all files with it when one %s', async (_, body, code) => {
    const request = requestWith([body], FORM_FIELDS);
    const form = readMultipart(request, { tempFolder: folder, limits: { fileBytes: 1000 } });
    await expect(form.collect('disk')).rejects.toMatchObject({ code });
    expect(await readdir(folder)).toEqual([]);
  });

  it('fails again for a handler that goes on after it failed', async () => {
    const body = formBody(file('a', 'x', '12345'), field('b', '2'));
    const form = readMultipart(requestWith([body], FORM_FIELDS), { limits: { fileBytes: 2 } });
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const part of form) {
        seen.push(part.name);
        if (part.kind === 'file') await part.bytes().catch(() => {});
      }
    };
    await expect(read()).rejects.toMatchObject({ status: 413 });
    expect(seen).toEqual(['a']);
  });
});

describe('an upload on a connection', () => {
  const server = new TestServer();

  it('is stored whole, however many pieces it comes in', async () => {
    const content = randomBytes(3_000_000);
    await server.start(async (request, reply) => {
      const form = readMultipart(request, { tempFolder: folder });
      const values = await form.collect('disk');
      const stored = values['big'] as { bytes(): Promise<Buffer> };
      const answer = `${values['title'] as string} ${digest(await stored.bytes())}`;
      await form.dispose();
      reply.send(200, TEXT, answer);
    });
    const body = formBody(field('title', 'big one'), file('big', 'b.bin', content));
    const client = server.client();
    client.send(head(body.length));
    client.socket.write(body);
    expect(await client.got('big one ')).toContain(digest(content));
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves no file behind when the client vanishes midway', async () => {
    let failed: (error: unknown) => void = () => {};
    const failure = new Promise((resolve) => (failed = resolve));
    await server.start(async (request) => {
      const form = readMultipart(request, { tempFolder: folder });
      await form.collect('disk').catch(failed);
    });
    const client = server.client();
    const body = formBody(file('first', 'a', '1'), file('second', 'b', 'x'.repeat(50_000)));
    client.send(head(body.length));
    client.socket.write(body.subarray(0, 40_000));
    while ((await readdir(folder)).length === 0)
      await new Promise((resume) => setImmediate(resume));
    client.socket.resetAndDestroy();
    // Which of the two depends on what the system tells first.
    const code = expect.stringMatching(/^(CLIENT_GONE|REFUSED)$/) as string;
    expect(await failure).toMatchObject({ code });
    expect(await readdir(folder)).toEqual([]);
  });

  it('holds the client back while the handler does not read', async () => {
    let resume: () => void = () => {};
    const mayRead = new Promise<void>((resolve) => (resume = resolve));
    await server.start(async (request, reply) => {
      for await (const part of readMultipart(request)) {
        await mayRead;
        if (part.kind === 'file') reply.send(200, TEXT, `${(await part.bytes()).length}`);
      }
    });
    const content = Buffer.alloc(15_000_000, 0x61);
    const body = formBody(file('big', 'b', content));
    const client = server.client();
    client.send(head(body.length));
    expect(client.socket.write(body)).toBe(false);
    const drained = once(client.socket, 'drain');
    // Until nothing has gone out for a while.
    for (let unsent = -1, turns = 0; turns < 100; turns += 1) {
      if (client.socket.writableLength !== unsent) turns = 0;
      unsent = client.socket.writableLength;
      await nextTurn();
    }
    expect(client.socket.writableLength).toBeGreaterThan(0);
    resume();
    await drained;
    await client.got('15000000');
  });

  it('keeps the connection for the next request', async () => {
    await server.start(async (request, reply) => {
      const names: string[] = [];
      for await (const part of readMultipart(request)) names.push(part.name);
      reply.send(200, TEXT, `[${names.join()}]`);
    });
    const body = formBody(field('a', '1'), file('b', 'x', 'unread'));
    const client = server.client();
    for (let times = 1; times <= 3; times += 1) {
      client.send(head(body.length));
      client.socket.write(body);
      await client.got('[a,b]', times);
    }
  });
});

describe('c.read.multipart', () => {
  it('removes its files when the request is over, however it ended', async () => {
    const paths: string[] = [];
    const app = new App({ onError: () => {} }).post('/:end', async (c) => {
      for await (const part of c.read.multipart({ tempFolder: folder })) {
        if (part.kind === 'file') paths.push((await part.save()).path);
      }
      expect(await readdir(folder)).toHaveLength(1);
      if (c.params.end === 'throw') throw new Error('on purpose');
      return c.params.end === 'text' ? 'done' : { done: true };
    });
    for (const end of ['throw', 'text', 'json']) {
      const body = formBody(file('a', 'x', '1'));
      const headers = FORM_FIELDS;
      const answer = await app.inject({ method: 'POST', url: `/${end}`, body, headers });
      expect(answer.status).toBe(end === 'throw' ? 500 : 200);
      await untilEmpty();
    }
    expect(paths).toHaveLength(3);
  });

  it('is held to the limit of the route', async () => {
    const app = new App({ bodyLimitBytes: 100 }).post('/', (c) => c.read.multipart().collect());
    const body = formBody(file('a', 'x', '1'.repeat(100)));
    const answer = await app.inject({ method: 'POST', url: '/', body, headers: FORM_FIELDS });
    expect(answer.status).toBe(413);
  });
});
