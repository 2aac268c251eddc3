import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { App } from '../app/app.ts';
import { file } from '../static/file.ts';
import { staticFiles } from '../static/static-files.ts';
import { is, type BehaviourCase, type Concern } from './behaviour-case.fixture.ts';

const TEXT = '0123456789'.repeat(10);
const SCRIPT = `let a = "${'x'.repeat(2_000)}"`;
const CHANGED = new Date('2020-01-02T03:04:05Z');

function addFiles(app: App): void {
  const folder = mkdtempSync(join(tmpdir(), 'needletail-behaviour-'));
  app.on('close', () => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, data: string | Uint8Array): void => {
    writeFileSync(join(folder, name), data);
    utimesSync(join(folder, name), CHANGED, CHANGED);
  };
  mkdirSync(join(folder, 'docs'));
  write('a.txt', TEXT);
  write('docs/index.html', '<p>docs');
  write('.env', 'SECRET');
  write('large.bin', Buffer.alloc(300_000, 'z'));
  write('app.js', SCRIPT);
  write('app.js.br', brotliCompressSync(SCRIPT));
  app
    .register(staticFiles({ prefix: '/assets', folder, precompressed: ['br'] }))
    .register(staticFiles({ prefix: '/kept', folder, cache: {} }))
    .get('/report', (c) => file(c, join(folder, 'a.txt'), { downloadAs: 'ü.txt' }));
}

const range = (value: string, more = {}): Readonly<Record<string, string>> => ({
  range: value,
  ...more,
});

const FILES: readonly BehaviourCase[] = [
  {
    name: 'a file',
    path: '/assets/a.txt',
    answer: is(200, TEXT, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '100',
      'last-modified': 'Thu, 02 Jan 2020 03:04:05 GMT',
      'accept-ranges': 'bytes',
      etag: /^"/,
    }),
  },
  {
    name: 'HEAD of a file',
    method: 'HEAD',
    path: '/assets/a.txt',
    answer: is(200, '', { 'content-length': '100', 'accept-ranges': 'bytes' }),
  },
  { name: 'a long file', path: '/assets/large.bin', answer: is(200, 'z'.repeat(300_000)) },
  { name: 'a file in memory', path: '/kept/a.txt', answer: is(200, TEXT) },
  { name: 'a file in memory, again', path: '/kept/a.txt', answer: is(200, TEXT) },
  {
    name: 'the first bytes of a file',
    path: '/assets/a.txt',
    headers: range('bytes=0-3'),
    answer: is(206, '0123', { 'content-range': 'bytes 0-3/100', 'content-length': '4' }),
  },
  {
    name: 'HEAD of the first bytes, which knows no parts',
    method: 'HEAD',
    path: '/assets/a.txt',
    headers: range('bytes=0-3'),
    answer: is(200, '', { 'content-length': '100', 'content-range': null }),
  },
  {
    name: 'the last bytes of a file',
    path: '/assets/a.txt',
    headers: range('bytes=-4'),
    answer: is(206, '6789', { 'content-range': 'bytes 96-99/100' }),
  },
  {
    name: 'bytes up to the end of a file in memory',
    path: '/kept/a.txt',
    headers: range('bytes=98-'),
    answer: is(206, '89', { 'content-range': 'bytes 98-99/100' }),
  },
  {
    name: 'bytes that are not there',
    path: '/assets/a.txt',
    headers: range('bytes=100-'),
    answer: is(416, undefined, { 'content-range': 'bytes */100' }),
  },
  {
    name: 'bytes further away than any file is long',
    path: '/assets/a.txt',
    headers: range(`bytes=${'9'.repeat(30)}-`),
    answer: is(416, undefined, { 'content-range': 'bytes */100' }),
  },
  {
    name: 'bytes up to further away than any file is long',
    path: '/assets/a.txt',
    headers: range(`bytes=98-${'9'.repeat(30)}`),
    answer: is(206, '89', { 'content-range': 'bytes 98-99/100' }),
  },
  {
    name: 'a range that is none',
    path: '/assets/a.txt',
    headers: range('bytes=5-2'),
    answer: is(200, TEXT),
  },
  {
    name: 'a part of something else',
    path: '/assets/a.txt',
    headers: range('bytes=0-3', { 'if-range': '"other"' }),
    answer: is(200, TEXT),
  },
  {
    name: 'a file that the client has',
    path: '/assets/a.txt',
    headers: { 'if-none-match': '*' },
    answer: is(304, '', { etag: /^"/, 'content-length': null }),
  },
  {
    name: 'a file that has not changed',
    path: '/assets/a.txt',
    headers: { 'if-modified-since': 'Thu, 02 Jan 2020 03:04:05 GMT' },
    answer: is(304, ''),
  },
  {
    name: 'a file that should be another',
    path: '/assets/a.txt',
    headers: { 'if-match': '"other"' },
    answer: is(412),
  },
  {
    name: 'a file that was compressed before',
    path: '/assets/app.js',
    headers: { 'accept-encoding': 'gzip, br' },
    answer: is(200, undefined, {
      'content-encoding': 'br',
      vary: 'Accept-Encoding',
      'content-length': `${brotliCompressSync(SCRIPT).length}`,
      'content-type': 'text/javascript; charset=utf-8',
    }),
  },
  {
    name: 'the same for a client that takes no br',
    path: '/assets/app.js',
    headers: { 'accept-encoding': 'br;q=0' },
    answer: is(200, SCRIPT, { 'content-encoding': null, vary: 'Accept-Encoding' }),
  },
  {
    name: 'a folder without its slash',
    path: '/assets/docs?a=1',
    answer: is(308, '', { location: './docs/?a=1' }),
  },
  { name: 'the page of a folder', path: '/assets/docs/', answer: is(200, '<p>docs') },
  { name: 'no file', path: '/assets/b.txt', answer: is(404) },
  { name: 'a hidden file', path: '/assets/.env', answer: is(404) },
  { name: 'a way out', path: '/assets/..%2f..%2fetc%2fpasswd', answer: is(404) },
  { name: 'another way out', path: '/assets/%2e%2e/%2e%2e/etc/passwd', answer: is(404) },
  {
    name: 'a file to save',
    path: '/report',
    answer: is(200, TEXT, {
      'content-disposition': `attachment; filename="_.txt"; filename*=UTF-8''%C3%BC.txt`,
    }),
  },
];

export const files: Concern = { add: addFiles, cases: FILES };
