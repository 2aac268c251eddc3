import { z } from 'zod';
import type { App } from '../app/app.ts';
import { is, latin1, type BehaviourCase, type Concern } from './behaviour-case.fixture.ts';

const BOUNDARY = 'xxBOUNDARYxx';
const MULTIPART = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
const URLENCODED = { 'content-type': 'application/x-www-form-urlencoded' };
const AS_JSON = { 'content-type': 'application/json' };

const parts = (...all: readonly (readonly [head: string, body: string])[]): string =>
  all
    .map(
      ([head, body]) =>
        `--${BOUNDARY}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`,
    )
    .join('') + `--${BOUNDARY}--\r\n`;

function addForms(app: App): void {
  app
    .post('/form', async (c) => c.read.form())
    .post('/multipart', async (c) => {
      const seen: unknown[] = [];
      for await (const part of c.read.multipart()) {
        if (part.kind === 'field') seen.push([part.name, part.value]);
        else seen.push([part.name, part.filename, (await part.bytes()).length]);
      }
      return seen;
    })
    .post('/order', { body: z.object({ id: z.number().int(), name: z.string() }) }, (c) => c.body)
    .get('/page-of', { query: z.object({ page: z.coerce.number().default(1) }) }, (c) => c.query);
}

const FORMS: readonly BehaviourCase[] = [
  {
    name: 'a form',
    method: 'POST',
    path: '/form',
    headers: URLENCODED,
    body: 'a=1&a=2&b=%C3%BC+x',
    answer: is(200, latin1('{"a":["1","2"],"b":"ü x"}')),
  },
  {
    name: 'a form of several parts',
    method: 'POST',
    path: '/multipart',
    headers: MULTIPART,
    body: parts(
      ['name="title"', 'grün'],
      ['name="file"; filename="a.txt"\r\nContent-Type: text/plain', 'x'.repeat(100_000)],
    ),
    answer: is(200, latin1('[["title","grün"],["file","a.txt",100000]]')),
  },
  {
    name: 'a form of several parts that ends early',
    method: 'POST',
    path: '/multipart',
    headers: MULTIPART,
    body: parts(['name="title"', 'x']).slice(0, -10),
    answer: is(400),
  },
  {
    name: 'a body that meets its schema',
    method: 'POST',
    path: '/order',
    headers: AS_JSON,
    body: '{"id":1,"name":"x","more":true}',
    answer: is(200, '{"id":1,"name":"x"}'),
  },
  {
    name: 'a body that does not',
    method: 'POST',
    path: '/order',
    headers: AS_JSON,
    body: '{"id":"1"}',
    answer: is(422, /"pointer":"\/id"[^]*"pointer":"\/name"/),
  },
  {
    name: 'a body of another kind',
    method: 'POST',
    path: '/order',
    headers: { 'content-type': 'application/pdf' },
    body: 'x',
    answer: is(415),
  },
  { name: 'a query with a default', path: '/page-of', answer: is(200, '{"page":1}') },
  { name: 'a query that does not meet its schema', path: '/page-of?page=x', answer: is(422) },
];

export const forms: Concern = { add: addForms, cases: FORMS };
