import type { RequestOptions } from '../model/client-options.ts';
import { LARGE_BODY } from './target.fixture.ts';

/** One call, what must reach the target for it, and what must come back. */
export interface Case {
  readonly name: string;
  readonly method: string;
  /** Path and query; the arrangement knows the origin. */
  readonly url: string;
  /** A function where bodies can be read once only. */
  readonly options?: RequestOptions | (() => RequestOptions);
  /** Requests as they must be seen, in order: the parts given here. */
  readonly seen: readonly ExpectedRequest[];
  readonly response: ExpectedResponse;
}

export interface ExpectedRequest {
  readonly method?: string;
  readonly target?: string;
  /** Each of these with exactly these values, in order; an empty list: absent. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly body?: string | Uint8Array;
}

interface ExpectedResponse {
  readonly status: number;
  readonly text?: string;
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** Statuses of what came before. */
  readonly history?: readonly number[];
}

const OK = { status: 200 } as const;

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

const REQUESTS: readonly Case[] = [
  {
    name: 'a plain GET',
    method: 'GET',
    url: '/echo',
    seen: [{ method: 'GET', target: '/echo', headers: { accept: ['*/*'] }, body: '' }],
    response: OK,
  },
  {
    name: 'headers of the request, over those of the client',
    method: 'GET',
    url: '/echo',
    options: { headers: { 'X-One': 'mine', 'x-default': null, 'X-Two': ['a', 'b'] } },
    seen: [{ headers: { 'x-one': ['mine'], 'x-default': [], 'x-two': ['a', 'b'] } }],
    response: OK,
  },
  {
    name: 'headers of the client',
    method: 'GET',
    url: '/echo',
    seen: [{ headers: { 'x-default': ['yes'], 'user-agent': ['conformance'] } }],
    response: OK,
  },
  {
    name: 'parameters beside those of the URL',
    method: 'GET',
    url: '/echo?a=1',
    options: { params: { b: 'with spaces', c: ['%', 'ü'] } },
    seen: [{ target: '/echo?a=1&b=with+spaces&c=%25&c=%C3%BC' }],
    response: OK,
  },
  {
    name: 'cookies of the request',
    method: 'GET',
    url: '/echo',
    options: { cookies: { session: 'abc', theme: 'dark' } },
    seen: [{ headers: { cookie: ['session=abc; theme=dark'] } }],
    response: OK,
  },
  {
    name: 'a password',
    method: 'GET',
    url: '/echo',
    options: { auth: { username: 'user', password: 'password123' } },
    seen: [{ headers: { authorization: ['Basic dXNlcjpwYXNzd29yZDEyMw=='] } }],
    response: OK,
  },
  {
    name: 'a token',
    method: 'GET',
    url: '/echo',
    options: { auth: { bearer: 'tok-en' } },
    seen: [{ headers: { authorization: ['Bearer tok-en'] } }],
    response: OK,
  },
  {
    name: 'JSON',
    method: 'POST',
    url: '/echo',
    options: { json: { Hello: 'wörld!' } },
    seen: [{ headers: { 'content-type': ['application/json'] }, body: '{"Hello":"wörld!"}' }],
    response: OK,
  },
  {
    name: 'a form',
    method: 'POST',
    url: '/echo',
    options: { form: { example: ['a', 1, true] } },
    seen: [
      {
        headers: { 'content-type': ['application/x-www-form-urlencoded'] },
        body: 'example=a&example=1&example=true',
      },
    ],
    response: OK,
  },
  {
    name: 'parts',
    method: 'POST',
    url: '/echo',
    options: {
      headers: { 'content-type': 'multipart/form-data; boundary=BOUNDARY' },
      multipart: {
        field: 'value',
        file: { content: '<file content>', filename: 'a.txt', type: 'text/plain' },
      },
    },
    seen: [
      {
        headers: { 'content-type': ['multipart/form-data; boundary=BOUNDARY'] },
        body:
          '--BOUNDARY\r\nContent-Disposition: form-data; name="field"\r\n\r\nvalue\r\n' +
          '--BOUNDARY\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n' +
          'Content-Type: text/plain\r\n\r\n<file content>\r\n--BOUNDARY--\r\n',
      },
    ],
    response: OK,
  },
  {
    name: 'text',
    method: 'PUT',
    url: '/echo',
    options: { body: 'grüße' },
    seen: [{ method: 'PUT', body: 'grüße' }],
    response: OK,
  },
  {
    name: 'bytes',
    method: 'PATCH',
    url: '/echo',
    options: { body: new Uint8Array([0, 255, 13, 10, 0]) },
    seen: [{ method: 'PATCH', body: new Uint8Array([0, 255, 13, 10, 0]) }],
    response: OK,
  },
  {
    name: 'a large body',
    method: 'POST',
    url: '/echo/quiet',
    options: { body: LARGE_BODY },
    seen: [{ body: LARGE_BODY }],
    response: OK,
  },
  {
    name: 'a body that is made while it is sent',
    method: 'POST',
    url: '/echo',
    options: () => ({ body: pieces('one ', '', 'two') }),
    seen: [{ body: 'one two' }],
    response: OK,
  },
  {
    name: 'a POST without a body',
    method: 'POST',
    url: '/echo',
    seen: [{ method: 'POST', body: '' }],
    response: OK,
  },
  {
    name: 'a DELETE with a body',
    method: 'DELETE',
    url: '/echo',
    options: { body: 'why' },
    seen: [{ method: 'DELETE', body: 'why' }],
    response: OK,
  },
  {
    name: 'an unusual path',
    method: 'GET',
    url: '/echo/phrase with spaces/%20/ü?q=%zz',
    seen: [{ target: '/echo/phrase%20with%20spaces/%20/%C3%BC?q=%zz' }],
    response: OK,
  },
];

const RESPONSES: readonly Case[] = [
  {
    name: 'HEAD',
    method: 'HEAD',
    url: '/status/200',
    seen: [{ method: 'HEAD' }],
    response: { status: 200, text: '', headers: { 'x-status': ['200'] } },
  },
  ...[201, 204, 304, 404, 500].map((status) => ({
    name: `status ${status}`,
    method: 'GET',
    url: `/status/${status}`,
    seen: [{}],
    response: { status, text: '', headers: { 'x-status': [`${status}`] } },
  })),
  ...['gzip', 'deflate', 'br', 'twice'].map((coding) => ({
    name: `a body in ${coding}`,
    method: 'GET',
    url: `/${coding}`,
    seen: [{ headers: { 'accept-encoding': ['gzip, deflate, br, zstd'] } }],
    response: { status: 200, text: 'squeezed' },
  })),
  {
    name: 'a large answer',
    method: 'GET',
    url: '/large',
    seen: [{}],
    response: { status: 200, bytes: LARGE_BODY },
  },
];

const CONVERSATIONS: readonly Case[] = [
  {
    name: 'a redirect that turns POST into GET',
    method: 'POST',
    url: '/redirect/302?to=%2Fecho%3Fx%3D1',
    options: { json: { a: 1 }, headers: { 'x-kept': 'yes' } },
    seen: [
      { method: 'POST', body: '{"a":1}' },
      {
        method: 'GET',
        target: '/echo?x=1',
        body: '',
        headers: { 'content-type': [], 'x-kept': ['yes'] },
      },
    ],
    response: { status: 200, history: [302] },
  },
  {
    name: 'a redirect that keeps the method',
    method: 'POST',
    url: '/redirect/307?to=/echo',
    options: { body: 'again' },
    seen: [{ body: 'again' }, { method: 'POST', target: '/echo', body: 'again' }],
    response: { status: 200, history: [307] },
  },
  {
    name: 'a redirect within the origin keeps credentials',
    method: 'GET',
    url: '/redirect/301?to=/echo',
    options: { auth: { bearer: 'tok' } },
    seen: [{}, { headers: { authorization: ['Bearer tok'] } }],
    response: { status: 200, history: [301] },
  },
  {
    name: 'a redirect that is not followed',
    method: 'GET',
    url: '/redirect/301?to=/echo',
    options: { followRedirects: false },
    seen: [{ target: '/redirect/301?to=/echo' }],
    response: { status: 301, history: [], headers: { location: ['/echo'] } },
  },
  {
    name: 'a retry until it works',
    method: 'GET',
    url: '/flaky',
    options: { retry: { attempts: 2, backoffMs: 1 } },
    seen: [{}, {}, {}],
    response: { status: 200, text: 'at last' },
  },
];

export const CASES: readonly Case[] = [...REQUESTS, ...RESPONSES, ...CONVERSATIONS];
