import type { App } from '../app/app.ts';
import {
  is,
  JSON_TYPE,
  latin1,
  PROBLEM_TYPE,
  problemText,
  type BehaviourCase,
  type Concern,
} from './behaviour-case.fixture.ts';

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, code) => code));

function addValues(app: App): void {
  app
    .get('/object', () => ({ a: 1, b: [true, null, 'ü'] }))
    .get('/array', () => [1, 2])
    .get('/string', () => 'grüß dich')
    .get('/number', () => 42)
    .get('/null', () => null)
    .get('/nothing', () => undefined)
    .get('/bytes', () => ALL_BYTES)
    .get('/later', async () => ({ later: true }))
    .get('/status', (c) => {
      c.status = 202;
      return { accepted: true };
    })
    .get('/users/:id', (c) => ({ id: c.params.id }))
    .get('/users/:id/posts/:post(\\d+)', (c) => c.params)
    .get('/files/*path', (c) => c.params.path)
    .get('/query', (c) => c.query)
    .get('/seen', (c) => ({
      method: c.method,
      path: c.path,
      search: c.search,
      host: c.host,
      one: c.header('X-ONE'),
      cookies: c.sentCookies,
    }));
}

const VALUES: readonly BehaviourCase[] = [
  {
    name: 'an object is JSON',
    path: '/object',
    answer: is(200, latin1('{"a":1,"b":[true,null,"ü"]}'), { 'content-type': JSON_TYPE }),
  },
  {
    name: 'an array is JSON',
    path: '/array',
    answer: is(200, '[1,2]', { 'content-type': JSON_TYPE }),
  },
  {
    name: 'a string is text',
    path: '/string',
    answer: is(200, latin1('grüß dich'), { 'content-type': 'text/plain; charset=utf-8' }),
  },
  {
    name: 'a number is JSON',
    path: '/number',
    answer: is(200, '42', { 'content-type': JSON_TYPE }),
  },
  { name: 'null is JSON', path: '/null', answer: is(200, 'null', { 'content-type': JSON_TYPE }) },
  { name: 'nothing is 204', path: '/nothing', answer: is(204, '', { 'content-type': null }) },
  {
    name: 'bytes are bytes',
    path: '/bytes',
    answer: is(200, ALL_BYTES.toString('latin1'), { 'content-type': 'application/octet-stream' }),
  },
  { name: 'a promise is waited for', path: '/later', answer: is(200, '{"later":true}') },
  { name: 'a status of the context', path: '/status', answer: is(202, '{"accepted":true}') },
  {
    name: 'a parameter, decoded',
    path: '/users/a%20%C3%BC',
    answer: is(200, latin1('{"id":"a ü"}')),
  },
  {
    name: 'a parameter that does not meet its pattern',
    path: '/users/1/posts/x',
    answer: is(404, problemText('Not Found', 404), { 'content-type': PROBLEM_TYPE }),
  },
  { name: 'parameters', path: '/users/1/posts/22', answer: is(200, '{"id":"1","post":"22"}') },
  { name: 'a rest', path: '/files/a/b.txt', answer: is(200, 'a/b.txt') },
  {
    name: 'a query with names that repeat and have no value',
    path: '/query?a=1&a=2&b=%20+&c',
    answer: is(200, '{"a":["1","2"],"b":"  ","c":""}'),
  },
  {
    name: 'what was sent',
    path: '/seen?x=1',
    headers: { 'x-one': 'caf', host: 'example.org:81', cookie: 'a=1; b=2' },
    answer: is(
      200,
      '{"method":"GET","path":"/seen","search":"x=1","host":"example.org:81","one":"caf","cookies":{"a":"1","b":"2"}}',
    ),
  },
];

const ROUTING: readonly BehaviourCase[] = [
  { name: 'no route', path: '/nowhere', answer: is(404, problemText('Not Found', 404)) },
  {
    name: 'another method',
    method: 'PUT',
    path: '/object',
    answer: is(405, undefined, { allow: 'GET, HEAD, OPTIONS' }),
  },
  {
    name: 'OPTIONS',
    method: 'OPTIONS',
    path: '/thing',
    answer: is(204, '', { allow: 'DELETE, PATCH, OPTIONS' }),
  },
  {
    name: 'HEAD',
    method: 'HEAD',
    path: '/object',
    answer: is(200, '', { 'content-type': JSON_TYPE }),
  },
  { name: 'HEAD of a stream', method: 'HEAD', path: '/pieces', answer: is(200, '') },
  { name: 'an escape that is malformed', path: '/users/%zz', answer: is(400) },
  { name: 'DELETE', method: 'DELETE', path: '/thing', answer: is(204, '') },
  { name: 'PATCH', method: 'PATCH', path: '/thing', answer: is(200, 'PATCH') },
];

export const values: Concern = {
  add(app) {
    addValues(app);
  },
  cases: [...VALUES, ...ROUTING],
};
