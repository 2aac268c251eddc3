import type { App } from '../app/app.ts';
import { empty, stream } from '../reply/reply.ts';
import {
  is,
  JSON_TYPE,
  latin1,
  PROBLEM_TYPE,
  type BehaviourCase,
  type Concern,
} from './behaviour-case.fixture.ts';

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, code) => code));
const LARGE = 'ü'.repeat(150_000);

function addBodies(app: App): void {
  app
    .post('/json', async (c) => ({ got: await c.read.json() }))
    .post('/text', (c) => c.read.text())
    .put('/bytes', (c) => c.read.bytes())
    .post('/echo', (c) => stream(c.read.stream()))
    .post('/unread', () => 'did not read it')
    .post('/small', { bodyLimitBytes: 4 }, (c) => c.read.text())
    .delete('/thing', () => empty())
    .patch('/thing', (c) => c.method);
}

const AS_JSON = { 'content-type': JSON_TYPE };

const BODIES: readonly BehaviourCase[] = [
  {
    name: 'JSON',
    method: 'POST',
    path: '/json',
    headers: AS_JSON,
    body: '{"a":["ü",1e3]}',
    answer: is(200, latin1('{"got":{"a":["ü",1000]}}')),
  },
  {
    name: 'no JSON',
    method: 'POST',
    path: '/json',
    headers: AS_JSON,
    body: '{"a":',
    answer: is(400),
  },
  {
    name: 'no body where JSON was due',
    method: 'POST',
    path: '/json',
    headers: AS_JSON,
    answer: is(400),
  },
  { name: 'text', method: 'POST', path: '/text', body: 'grüß', answer: is(200, latin1('grüß')) },
  { name: 'an empty text', method: 'POST', path: '/text', body: '', answer: is(200, '') },
  {
    name: 'bytes',
    method: 'PUT',
    path: '/bytes',
    body: ALL_BYTES,
    answer: is(200, ALL_BYTES.toString('latin1')),
  },
  {
    name: 'a large text',
    method: 'POST',
    path: '/text',
    body: LARGE,
    answer: is(200, latin1(LARGE)),
  },
  {
    name: 'a stream, echoed',
    method: 'POST',
    path: '/echo',
    body: LARGE,
    answer: is(200, latin1(LARGE)),
  },
  {
    name: 'a body that nobody reads',
    method: 'POST',
    path: '/unread',
    body: 'x'.repeat(1_000),
    answer: is(200, 'did not read it'),
  },
  {
    name: 'more than the route takes',
    method: 'POST',
    path: '/small',
    body: '12345',
    answer: is(413, undefined, { 'content-type': PROBLEM_TYPE }),
  },
  {
    name: 'as much as the route takes',
    method: 'POST',
    path: '/small',
    body: '1234',
    answer: is(200, '1234'),
  },
];

export const bodies: Concern = {
  add(app) {
    addBodies(app);
  },
  cases: [...BODIES],
};
