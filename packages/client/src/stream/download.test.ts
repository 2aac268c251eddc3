import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from '../client.ts';
import type { TransferProgress } from '../model/client-request.ts';
import { download } from './download.ts';

const client = new Client({ trustEnv: false });

const CONTENT = Buffer.alloc(200_000, 'needletail ');
const SHA256 = createHash('sha256').update(CONTENT).digest();

describe('download', () => {
  let folder: string;
  let path: string;
  let server: Server;
  let url: string;
  let requests: IncomingMessage[];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'needletail-download-'));
    path = join(folder, 'file.bin');
    requests = [];
    answer = serve();
    server = createServer((request, response) => {
      requests.push(request);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  /** A file with ranges and an ETag, cut off after so many bytes of the body. */
  function serve({ etag = '"v1"', cutAt = Infinity, content = CONTENT, ranges = true } = {}) {
    return (request: IncomingMessage, response: ServerResponse): void => {
      const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
      const isSame = request.headers['if-range'] === etag;
      const start = ranges && isSame && asked !== undefined ? Number(asked) : 0;
      if (start >= content.length) {
        response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
        return;
      }
      response.writeHead(start > 0 ? 206 : 200, {
        etag,
        'content-length': content.length - start,
        ...(ranges ? { 'accept-ranges': 'bytes' } : { 'accept-ranges': 'none' }),
        ...(start > 0
          ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }
          : {}),
      });
      const end = Math.min(content.length, cutAt);
      response.write(content.subarray(start, end), () => {
        if (end < content.length) response.socket?.end();
        else response.end();
      });
    };
  }

  /** Leaves a part of the file behind, as a download does that broke off. */
  async function breakOff(options?: Parameters<typeof serve>[0]): Promise<void> {
    answer = serve({ cutAt: 80_000, ...options });
    await expect(download(client, url, path)).rejects.toThrow();
  }

  it('writes the file, and nothing else', async () => {
    const result = await download(client, url, path);
    expect(result).toEqual({ path, sizeBytes: CONTENT.length, resumedBytes: 0, url });
    expect(CONTENT.equals(await readFile(path))).toBe(true);
    expect(await readdir(folder)).toEqual(['file.bin']);
    expect(requests[0]!.headers['accept-encoding']).toBe('identity');
  });

  it('tells how far it is', async () => {
    const seen: TransferProgress[] = [];
    await download(client, url, path, { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual({ transferredBytes: CONTENT.length, totalBytes: CONTENT.length });
    const counts = seen.map(({ transferredBytes }) => transferredBytes);
    expect(counts).toEqual(counts.toSorted((left, right) => left - right));
  });

  it('goes on where an earlier download broke off, and checks the whole', async () => {
    await breakOff();
    expect((await readdir(folder)).toSorted()).toEqual(['file.bin.part', 'file.bin.part.json']);
    const leftBytes = (await readFile(`${path}.part`)).length;
    expect(leftBytes).toBeGreaterThan(0);
    answer = serve();
    const integrity = `sha256-${SHA256.toString('base64')}`;
    const { resumedBytes, sizeBytes } = await download(client, url, path, { integrity });
    expect([resumedBytes, sizeBytes]).toEqual([leftBytes, CONTENT.length]);
    expect(requests[1]!.headers).toMatchObject({
      range: `bytes=${leftBytes}-`,
      'if-range': '"v1"',
    });
    expect(CONTENT.equals(await readFile(path))).toBe(true);
    expect(await readdir(folder)).toEqual(['file.bin']);
  });

  it('starts anew where the file has changed since', async () => {
    await breakOff();
    const content = Buffer.alloc(100_000, 'changed ');
    answer = serve({ etag: '"v2"', content });
    const { resumedBytes } = await download(client, url, path);
    expect(resumedBytes).toBe(0);
    expect(content.equals(await readFile(path))).toBe(true);
  });

  it('starts anew where the server answers another range than was asked for', async () => {
    await breakOff();
    answer = (request, response) => {
      if (request.headers.range === undefined) return serve()(request, response);
      response.writeHead(206, { 'content-range': 'bytes 5-9/200000' }).end('wrong');
    };
    expect((await download(client, url, path)).resumedBytes).toBe(0);
    expect(CONTENT.equals(await readFile(path))).toBe(true);
  });

  it('takes a part that is whole already', async () => {
    await writeFile(`${path}.part`, CONTENT);
    const state = { url, validator: '"v1"', totalBytes: CONTENT.length };
    await writeFile(`${path}.part.json`, JSON.stringify(state));
    const result = await download(client, url, path, { sha256: SHA256.toString('hex') });
    expect(result.resumedBytes).toBe(CONTENT.length);
    expect(CONTENT.equals(await readFile(path))).toBe(true);
    expect(requests).toHaveLength(1);
  });

  it('starts anew where the part is longer than the file has become', async () => {
    await writeFile(`${path}.part`, Buffer.alloc(300_000));
    const state = { url, validator: '"v1"', totalBytes: 400_000 };
    await writeFile(`${path}.part.json`, JSON.stringify(state));
    await download(client, url, path);
    expect(CONTENT.equals(await readFile(path))).toBe(true);
    expect(requests).toHaveLength(2);
  });

  it.each(['{"url":"http://elsewhere/","validator":"x","totalBytes":1}', '{"url', '[]', 'null'])(
    'does not go on with a part that it knows nothing of: %s',
    async (state) => {
      await writeFile(`${path}.part`, 'something else');
      await writeFile(`${path}.part.json`, state);
      await download(client, url, path);
      expect(requests[0]!.headers.range).toBeUndefined();
      expect(CONTENT.equals(await readFile(path))).toBe(true);
    },
  );

  it('does not go on when told not to', async () => {
    await breakOff();
    answer = serve();
    await download(client, url, path, { resume: false });
    expect(requests[1]!.headers.range).toBeUndefined();
    expect(await readdir(folder)).toEqual(['file.bin']);
  });

  it.each([{ etag: 'W/"weak"' }, { ranges: false }])(
    'keeps nothing of what cannot be gone on with (%j)',
    async (options) => {
      await breakOff(options);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('takes a date for a validator only when it is old enough', async () => {
    const date = new Date('2026-01-02T03:04:05Z');
    const plain = (ageMs: number) => (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200, {
        date: date.toUTCString(),
        'last-modified': new Date(date.getTime() - ageMs).toUTCString(),
        'content-length': 100_000,
      });
      response.write('x'.repeat(70_000), () => response.destroy());
    };
    answer = plain(0);
    await expect(download(client, url, path)).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
    answer = plain(60_000);
    await expect(download(client, url, path)).rejects.toThrow();
    expect(await readdir(folder)).toHaveLength(2);
  });

  it('removes a file that is not what was promised', async () => {
    const sha256 = '0'.repeat(64);
    const outcome = download(client, url, path, { sha256 });
    await expect(outcome).rejects.toMatchObject({ code: 'INTEGRITY_MISMATCH' });
    await expect(outcome).rejects.toThrow(SHA256.toString('base64'));
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes any digest of the strongest kind', async () => {
    const sha512 = createHash('sha512').update(CONTENT).digest('base64');
    const other = Buffer.alloc(64).toString('base64');
    const integrity = `sha256-${Buffer.alloc(32).toString('base64')} sha512-${other} sha512-${sha512}`;
    expect((await download(client, url, path, { integrity })).sizeBytes).toBe(CONTENT.length);
  });

  it.each([
    { integrity: 'md5-abc' },
    { integrity: '' },
    { integrity: 'sha256-short' },
    { sha256: 'xyz' },
    { sha256: '0'.repeat(64), integrity: `sha256-${SHA256.toString('base64')}` },
  ])('refuses %j before it asks', async (options) => {
    await expect(download(client, url, path, options)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
    expect(requests).toHaveLength(0);
  });

  it('does not replace a file unless told to', async () => {
    await writeFile(path, 'mine');
    await expect(download(client, url, path)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(await readFile(path, 'utf8')).toBe('mine');
    await download(client, url, path, { overwrite: true });
    expect(CONTENT.equals(await readFile(path))).toBe(true);
  });

  it('leaves a part as it is when the server answers with an error', async () => {
    await breakOff();
    answer = (_, response) => void response.writeHead(503).end('busy');
    await expect(download(client, url, path)).rejects.toMatchObject({ code: 'DOWNLOAD_STATUS' });
    expect((await readdir(folder)).toSorted()).toEqual(['file.bin.part', 'file.bin.part.json']);
  });

  it('keeps what can be gone on with when it is aborted', async () => {
    answer = (_, response) => {
      response.writeHead(200, { etag: '"v1"', 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 50_000));
    };
    const controller = new AbortController();
    const outcome = download(client, url, path, {
      signal: controller.signal,
      onProgress: ({ transferredBytes }) => transferredBytes === 50_000 && controller.abort(),
    });
    await expect(outcome).rejects.toThrow();
    expect(await readFile(`${path}.part`)).toHaveLength(50_000);
    await expect(readFile(path)).rejects.toThrow('ENOENT');
  });

  it('writes what a server encodes all the same in plain, and does not go on with it', async () => {
    answer = (_, response) => {
      response.writeHead(200, { etag: '"v1"', 'content-encoding': 'gzip' }).end(gzipSync(CONTENT));
    };
    await download(client, url, path);
    expect(CONTENT.equals(await readFile(path))).toBe(true);
  });

  it('says what is wrong with the folder', async () => {
    const outcome = download(client, url, join(folder, 'none', 'file'));
    await expect(outcome).rejects.toMatchObject({ code: 'FILE_FAILED', cause: { code: 'ENOENT' } });
  });

  it('writes an empty file', async () => {
    answer = (_, response) => void response.writeHead(200, { 'content-length': 0 }).end();
    expect((await download(client, url, path)).sizeBytes).toBe(0);
    expect(await readFile(path)).toHaveLength(0);
  });
});
