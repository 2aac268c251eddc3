import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { App } from '../app/app.ts';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { staticFiles, type StaticFilesOptions } from './static-files.ts';

const TEXT = '0123456789'.repeat(10);
const PAST = new Date('2020-01-02T03:04:05.678Z');
let outer: string;
let folder: string;

beforeAll(() => {
  outer = mkdtempSync(join(tmpdir(), 'needletail-static-'));
  folder = join(outer, 'site');
  mkdirSync(join(folder, 'docs'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  mkdirSync(join(folder, '.git'));
  write('a.txt', TEXT);
  write('index.html', '<p>home');
  write('docs/index.html', '<p>docs');
  write('docs/ü b.json', '{}');
  write('unknown.xyzzy', 'x');
  write('.env', 'SECRET');
  write('.git/config', 'SECRET');
  write('app.js', `let a = "${'x'.repeat(2000)}"`);
  writeFileSync(join(folder, 'app.js.br'), brotliCompressSync(`let a = "${'x'.repeat(2000)}"`));
  writeFileSync(join(outer, 'secret.txt'), 'SECRET');
  symlinkSync(join(outer, 'secret.txt'), join(folder, 'out.txt'));
  symlinkSync(join(folder, '.env'), join(folder, 'hidden.txt'));
  symlinkSync(outer, join(folder, 'up'));
  symlinkSync(join(folder, 'a.txt'), join(folder, 'in.txt'));
});

afterAll(() => rmSync(outer, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
  utimesSync(join(folder, name), PAST, PAST);
}

describe('staticFiles()', () => {
  bothWays('sends files with type, length, validators; HEAD without the body', async (way) => {
    way
      .app()
      .register(staticFiles({ prefix: '/assets', folder, maxAgeSeconds: 60, immutable: true }));
    const got = await way.send('/assets/a.txt');
    expect(got.status).toBe(200);
    expect(got.text()).toBe(TEXT);
    expect(got.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(got.headers.get('content-length')).toBe('100');
    expect(got.headers.get('last-modified')).toBe('Thu, 02 Jan 2020 03:04:05 GMT');
    expect(got.headers.get('etag')).toMatch(/^"/);
    expect(got.headers.get('accept-ranges')).toBe('bytes');
    expect(got.headers.get('cache-control')).toBe('public, max-age=60, immutable');
    const head = await way.send({ method: 'HEAD', url: '/assets/a.txt' });
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    expect(head.headers.get('content-length')).toBe('100');
    const json = await way.send('/assets/docs/%C3%BC%20b.json');
    expect(json.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const unknown = await way.send('/assets/unknown.xyzzy');
    expect(unknown.headers.get('content-type')).toBe('application/octet-stream');
  });

  bothWays(
    'sends the index of a folder, at its path with a slash, and lists nothing',
    async (way) => {
      way.app().register(staticFiles({ folder }));
      expect((await way.send('/')).text()).toBe('<p>home');
      expect((await way.send('/docs/')).text()).toBe('<p>docs');
      const moved = await way.send('/docs?a=1');
      expect([moved.status, moved.headers.get('location')]).toEqual([308, './docs/?a=1']);
      for (const url of ['/empty', '/empty/', '/nowhere', '/a.txt/', '/a.txt/b']) {
        expect((await way.send(url)).status).toBe(404);
      }
    },
  );

  bothWays('judges conditions in the order of RFC 9110', async (way) => {
    way.app().register(staticFiles({ folder }));
    const first = await way.send('/a.txt');
    const etag = first.headers.get('etag')!;
    const modified = first.headers.get('last-modified')!;
    const old = 'Wed, 01 Jan 2020 00:00:00 GMT';
    const ask = async (headers: Record<string, string>): Promise<number> =>
      (await way.send({ url: '/a.txt', headers })).status;
    expect(await ask({ 'If-None-Match': `"x", W/${etag}` })).toBe(304);
    expect(await ask({ 'If-None-Match': '*' })).toBe(304);
    expect(await ask({ 'If-None-Match': '"x"', 'If-Modified-Since': modified })).toBe(200);
    expect(await ask({ 'If-Modified-Since': modified })).toBe(304);
    expect(await ask({ 'If-Modified-Since': old })).toBe(200);
    expect(await ask({ 'If-Modified-Since': 'yesterday' })).toBe(200);
    expect(await ask({ 'If-Match': etag })).toBe(200);
    expect(await ask({ 'If-Match': `W/${etag}` })).toBe(412);
    expect(await ask({ 'If-Match': '"x"', 'If-Unmodified-Since': modified })).toBe(412);
    expect(await ask({ 'If-Unmodified-Since': old })).toBe(412);
    expect(await ask({ 'If-Match': etag, 'If-None-Match': etag })).toBe(304);
    const not = await way.send({ url: '/a.txt', headers: { 'If-None-Match': etag } });
    expect([not.bytes.length, not.headers.get('etag')]).toEqual([0, etag]);
    expect(not.headers.get('content-type')).toBeNull();
  });

  bothWays('sends ranges: one, several, none of it', async (way) => {
    way.app().register(staticFiles({ folder }));
    const ask = (range: string, more: Record<string, string> = {}): ReturnType<typeof way.send> =>
      way.send({ url: '/a.txt', headers: { Range: range, ...more } });
    const one = await ask('bytes=5-14');
    expect([one.status, one.text()]).toEqual([206, '5678901234']);
    expect(one.headers.get('content-range')).toBe('bytes 5-14/100');
    expect(one.headers.get('content-length')).toBe('10');
    expect((await ask('bytes=-3')).text()).toBe('789');
    expect((await ask('bytes=97-')).text()).toBe('789');
    expect((await ask('bytes=98-500')).headers.get('content-range')).toBe('bytes 98-99/100');
    const none = await ask('bytes=100-');
    expect([none.status, none.headers.get('content-range')]).toEqual([416, 'bytes */100']);
    for (const ignored of ['bytes=9-5', 'lines=1-2', 'bytes=', 'bytes=0-5,3-9', 'bytes=a-b']) {
      expect((await ask(ignored)).status).toBe(200);
    }
    const several = await ask('bytes=0-1,-2');
    const [, boundary] = /boundary=(.+)/.exec(several.headers.get('content-type')!)!;
    expect(several.status).toBe(206);
    expect(several.headers.get('content-length')).toBe(String(several.bytes.length));
    const bodies = several
      .text()
      .split(`--${boundary}`)
      .map((part) => part.split('\r\n\r\n')[1]?.trimEnd());
    expect(bodies).toEqual([undefined, '01', '89', undefined]);
    const etag = one.headers.get('etag')!;
    expect((await ask('bytes=0-1', { 'If-Range': etag })).status).toBe(206);
    expect((await ask('bytes=0-1', { 'If-Range': '"other"' })).status).toBe(200);
    expect((await ask('bytes=0-1', { 'If-Range': one.headers.get('last-modified')! })).status).toBe(
      206,
    );
    expect((await ask('bytes=0-1', { 'If-Range': 'Wed, 01 Jan 2020 00:00:00 GMT' })).status).toBe(
      200,
    );
  });

  bothWays('sends nothing from outside of the folder, and no dotfile', async (way) => {
    way.app().register(staticFiles({ prefix: '/s', folder }));
    for (const path of [
      '../secret.txt',
      '%2e%2e/secret.txt',
      '%2e%2e%2fsecret.txt',
      '..%2fsecret.txt',
      '..%5csecret.txt',
      '..\\secret.txt',
      'docs/../../secret.txt',
      './a.txt',
      '%00',
      'a.txt%00.html',
      '//etc/passwd',
      '/etc/passwd',
      'out.txt',
      'up/secret.txt',
      'hidden.txt',
      '.env',
      '.git/config',
      '%2eenv',
      'docs%2findex.html',
      '%252e%252e/secret.txt',
      'x'.repeat(5000),
    ]) {
      const got = await way.send(`/s/${path}`);
      expect([path, got.status >= 400 && got.status < 500]).toEqual([path, true]);
      expect(got.text()).not.toContain('SECRET');
    }
    expect((await way.send('/s/in.txt')).text()).toBe(TEXT);
  });

  bothWays('sends dotfiles and follows links where it is told to', async (way) => {
    way.app().register(staticFiles({ folder, dotfiles: true, followSymlinks: true }));
    expect((await way.send('/.env')).text()).toBe('SECRET');
    expect((await way.send('/up/secret.txt')).text()).toBe('SECRET');
    expect((await way.send('/%2e%2e/secret.txt')).status).toBe(404);
  });

  bothWays('prefers a compressed sibling to clients that take it', async (way) => {
    way.app().register(staticFiles({ folder, precompressed: ['br', 'gzip'] }));
    const ask = (encoding: string): ReturnType<typeof way.send> =>
      way.send({ url: '/app.js', headers: { 'Accept-Encoding': encoding } });
    const coded = await ask('gzip, br');
    expect(coded.headers.get('content-encoding')).toBe('br');
    expect(coded.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(coded.headers.get('vary')).toBe('Accept-Encoding');
    expect(brotliDecompressSync(coded.bytes).toString()).toContain('let a');
    const plain = await ask('gzip, br;q=0');
    expect([plain.headers.get('content-encoding'), plain.headers.get('vary')]).toEqual([
      null,
      'Accept-Encoding',
    ]);
    expect(plain.headers.get('etag')).not.toBe(coded.headers.get('etag'));
  });

  bothWays('answers with the fallback where there is no file', async (way) => {
    way.app().register(staticFiles({ folder, fallback: 'index.html' }));
    expect((await way.send('/some/view')).text()).toBe('<p>home');
  });

  bothWays('keeps small files in memory, and sees that they changed', async (way) => {
    write('live.txt', 'one');
    way.app().register(staticFiles({ folder, cache: {} }));
    expect((await way.send('/live.txt')).text()).toBe('one');
    expect((await way.send({ url: '/live.txt', headers: { Range: 'bytes=1-' } })).text()).toBe(
      'ne',
    );
    writeFileSync(join(folder, 'live.txt'), 'three');
    const got = await way.send('/live.txt');
    expect([got.text(), got.headers.get('etag')!.slice(0, 2)]).toEqual(['three', 'W/']);
  });

  it('does not start without its folder', async () => {
    const app = new App().register(staticFiles({ folder: join(outer, 'missing') }));
    await expect(app.ready()).rejects.toThrow(
      /there is no such folder \(staticFiles .*missing\)\. Give a folder that is there\./,
    );
    const relative = new App().register(staticFiles({ folder: 'nowhere/at/all' }));
    await expect(relative.listen()).rejects.toThrow(/a relative one begins at \//);
    const file = new App().register(staticFiles({ folder: join(folder, 'a.txt') }));
    await expect(file.ready()).rejects.toThrow(/this is no folder/);
  });

  it.each([
    [{}, /folder is undefined/],
    [{ folder: '.', maxAge: 60 }, /no option maxAge \(staticFiles\)\. .*maxAgeSeconds/],
  ])('refuses the options %j', (options, message) => {
    expect(() => staticFiles(options as StaticFilesOptions)).toThrow(message);
  });
});
