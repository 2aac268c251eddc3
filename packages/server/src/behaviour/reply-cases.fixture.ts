import type { App } from '../app/app.ts';
import { empty, html, json, redirect, stream, text } from '../reply/reply.ts';
import { is, latin1, type BehaviourCase, type Concern } from './behaviour-case.fixture.ts';

function addReplies(app: App): void {
  app
    .get('/reply', () => json({ made: 1 }, { status: 201, headers: { 'X-One': '1' } }))
    .get('/page', () => html('<p>ü'))
    .get('/typed', () => text('a,b', { type: 'text/csv' }))
    .get('/empty', () => empty())
    .get('/moved', () => redirect('/object'))
    .get('/cookies', (c) => {
      c.fields.append('Set-Cookie', 'a=1; Path=/');
      c.fields.append('Set-Cookie', 'b=2; HttpOnly');
      return 'set';
    })
    .get('/unchanged', () => empty({ status: 304, headers: { ETag: '"x"' } }))
    .get('/pieces', () => stream(pieces('é', 'b', ''), { type: 'text/plain' }))
    .get('/sized', () => stream(pieces('ab', 'cd'), { length: 4 }))
    .get('/generator', () => pieces('x', 'y'))
    .get('/blob', () => new Blob(['blob'], { type: 'text/x-blob' }))
    .get('/response', () => new Response('web', { status: 203, headers: { 'X-Web': 'yes' } }));
}

async function* pieces(...all: string[]): AsyncGenerator<string> {
  for (const piece of all) {
    await new Promise((resolve) => setImmediate(resolve));
    yield piece;
  }
}

const REPLIES: readonly BehaviourCase[] = [
  { name: 'a reply', path: '/reply', answer: is(201, '{"made":1}', { 'x-one': '1' }) },
  {
    name: 'a page',
    path: '/page',
    answer: is(200, latin1('<p>ü'), { 'content-type': 'text/html; charset=utf-8' }),
  },
  { name: 'a type', path: '/typed', answer: is(200, 'a,b', { 'content-type': 'text/csv' }) },
  { name: 'an empty reply', path: '/empty', answer: is(204, '') },
  { name: 'a redirect', path: '/moved', answer: is(302, '', { location: '/object' }) },
  {
    name: 'two cookies',
    path: '/cookies',
    answer: { status: 200, body: 'set', cookies: ['a=1; Path=/', 'b=2; HttpOnly'] },
  },
  { name: 'not modified', path: '/unchanged', answer: is(304, '', { etag: '"x"' }) },
  {
    name: 'pieces',
    path: '/pieces',
    answer: is(200, latin1('éb'), { 'content-type': 'text/plain' }),
  },
  { name: 'pieces of known length', path: '/sized', answer: is(200, 'abcd') },
  {
    name: 'a generator',
    path: '/generator',
    answer: is(200, 'xy', { 'content-type': 'application/octet-stream' }),
  },
  { name: 'a blob', path: '/blob', answer: is(200, 'blob', { 'content-type': 'text/x-blob' }) },
  { name: 'a web response', path: '/response', answer: is(203, 'web', { 'x-web': 'yes' }) },
];

export const replies: Concern = {
  add(app) {
    addReplies(app);
  },
  cases: [...REPLIES],
};
