import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { App } from '../app/app.ts';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { file } from './file.ts';
import { filePieces } from './file-pieces.ts';
import { statFile, type FoundFile } from './found-file.ts';

const SIZE = 8 * 1024 * 1024;
let folder: string;
let path: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'needletail-file-'));
  path = join(folder, 'big.bin');
});

afterAll(() => rmSync(folder, { recursive: true }));

function openHere(): number {
  const own = '/proc/self/fd';
  return readdirSync(own).length;
}

const hasProc = process.platform === 'linux';

async function found(): Promise<FoundFile> {
  return (await statFile(path)) as FoundFile;
}

describe('filePieces()', () => {
  it('gives the part that is asked for, and takes changes for errors', async () => {
    writeFileSync(path, Buffer.alloc(200_000, 7));
    const known = await found();
    let sizeBytes = 0;
    for await (const piece of filePieces(known, 10, 150_010)) sizeBytes += piece.length;
    expect(sizeBytes).toBe(150_000);
    truncateSync(path, 100_000);
    await expect(filePieces(known).next()).rejects.toThrow(/changed/);
    const now = await found();
    const pieces = filePieces(now);
    await pieces.next();
    truncateSync(path, 70_000);
    await expect(
      (async () => {
        for await (const piece of pieces) void piece;
      })(),
    ).rejects.toThrow(/changed/);
  });

  it.skipIf(!hasProc)('leaves no file open, however it ends', async () => {
    writeFileSync(path, Buffer.alloc(SIZE, 1));
    const known = await found();
    const before = openHere();
    const pieces = filePieces(known);
    await pieces.next();
    expect(openHere()).toBe(before + 1);
    await pieces.return(undefined);
    expect(openHere()).toBe(before);
    await filePieces(known).return(undefined);
    expect(openHere()).toBe(before);
  });
});

describe('file()', () => {
  bothWays('sends one file, under another name and type where it is told to', async (way) => {
    writeFileSync(path, 'abc');
    way
      .app()
      .get('/plain', async (c) => file(c, path))
      .get('/saved', async (c) =>
        file(c, path, { downloadAs: 'Bericht "ü".pdf', type: 'application/pdf' }),
      )
      .get('/missing', async (c) => file(c, join(folder, 'none')));
    const plain = await way.send({ url: '/plain', headers: { Range: 'bytes=1-' } });
    expect([plain.status, plain.text()]).toEqual([206, 'bc']);
    const saved = await way.send('/saved');
    expect(saved.headers.get('content-type')).toBe('application/pdf');
    expect(saved.headers.get('content-disposition')).toBe(
      `attachment; filename="Bericht ___.pdf"; filename*=UTF-8''Bericht%20%22%C3%BC%22.pdf`,
    );
    expect((await way.send('/missing')).status).toBe(404);
  });

  it.skipIf(!hasProc)('closes the file when the client leaves', async () => {
    writeFileSync(path, Buffer.alloc(SIZE, 1));
    const app = new App().get('/', async (c) => file(c, path));
    const { port } = await app.listen();
    const opened = (): number => readdirSync('/proc/self/fd').length;
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const before = opened();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    socket.resetAndDestroy();
    await vi.waitFor(() => expect(opened()).toBeLessThanOrEqual(before), { timeout: 5000 });
    await app.close();
  });

  it('breaks the connection when the file changes while it is sent', async () => {
    writeFileSync(path, Buffer.alloc(SIZE, 1));
    const errors: unknown[] = [];
    const app = new App({ onError: (error) => void errors.push(error) }).get('/', async (c) =>
      file(c, path),
    );
    const { port } = await app.listen();
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    let sizeBytes = ((await once(socket, 'data')) as [Buffer])[0].length;
    socket.pause();
    truncateSync(path, 1000);
    socket.on('data', (piece) => (sizeBytes += piece.length)).on('error', () => undefined);
    await new Promise((resolve) => socket.on('close', resolve));
    expect(sizeBytes).toBeLessThan(SIZE);
    expect(String(errors[0])).toMatch(/changed while it was sent/);
    await app.close();
  });
});
