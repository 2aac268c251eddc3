// Calls that are wrong before anything could go wrong on the network.
import { InvalidRequestError, InvalidUrlError, WriteError } from '../errors.ts';
import type { RequestOptions } from '../model/client-options.ts';
import type { BadCase, ExpectedError } from './bad-case.fixture.ts';

const INVALID_URL: ExpectedError = {
  type: InvalidUrlError,
  code: 'INVALID_URL',
  phase: 'build',
};
const SCHEME: ExpectedError = { ...INVALID_URL, code: 'UNSUPPORTED_SCHEME' };

/** `s3cret-pw` must never be seen again, whatever is wrong with the URL. */
const URLS: readonly (readonly [name: string, url: string, error: Partial<ExpectedError>])[] = [
  ['no scheme', 'user:s3cret-pw@127.0.0.1/x', { says: /no scheme/ }],
  ['a host and a port only', 'localhost:3000/x', { says: /no scheme/ }],
  ['a path without a base', '/only/a/path', { says: /no scheme.*baseUrl/ }],
  ['nothing', '', { says: /no scheme/ }],
  ['spaces', '   ', { says: /no scheme/ }],
  ['no host', 'http://', { says: /host/ }],
  ['a host with a space', 'http://user:s3cret-pw@bad host/', { says: /host/ }],
  ['a host with a percent sign', 'http://user:s3cret-pw@ho%00st/', { says: /host/ }],
  ['an IPv6 address cut short', 'http://user:s3cret-pw@[::1/', { says: /host/ }],
  ['a port past 65535', 'http://user:s3cret-pw@127.0.0.1:70000/', { says: /"70000" is no port/ }],
  ['a port of letters', 'http://user:s3cret-pw@127.0.0.1:http/', { says: /"http" is no port/ }],
  ['a negative port', 'http://127.0.0.1:-1/', { says: /"-1" is no port/ }],
  ['a slash in the password', 'http://user:s3cret-pw/x@127.0.0.1/', { says: /host/ }],
  ['a hash in the password', 'http://user:s3cret-pw#x@127.0.0.1/', { says: /host/ }],
  ['a scheme of files', 'file:///etc/passwd', SCHEME],
  ['a scheme of FTP', 'ftp://user:s3cret-pw@127.0.0.1/', SCHEME],
  ['a scheme of scripts', 'javascript:alert(1)', SCHEME],
  ['a scheme of data', 'data:text/plain,hello', SCHEME],
  ['a scheme of WebSocket', 'ws://user:s3cret-pw@127.0.0.1/', SCHEME],
  [
    'too many characters',
    `http://user:s3cret-pw@127.0.0.1/${'x'.repeat(70_000)}`,
    { says: /70\d\d\d characters/ },
  ],
  [
    'a user of too many characters',
    `http://${'u'.repeat(70_000)}:s3cret-pw@127.0.0.1/`,
    { says: /70\d\d\d characters/ },
  ],
];

const BAD_URLS: readonly BadCase[] = URLS.map(([name, url, error]) => ({
  name: `a URL with ${name}`,
  url,
  styles: ['request', 'stream', 'gather', 'raw'],
  error: { ...INVALID_URL, ...error },
}));

const HEADER: ExpectedError = {
  type: InvalidRequestError,
  code: 'INVALID_HEADER',
  phase: 'send',
  hasCause: true,
};

const HEADERS: readonly (readonly [name: string, headers: RequestOptions['headers']])[] = [
  ['CR in a value', { 'X-A': 'a\rb' }],
  ['LF in a value', { 'X-A': 'a\nX-B: 1' }],
  ['CR LF in a value', { 'X-A': 'a\r\nX-B: 1' }],
  ['NUL in a value', { 'X-A': 'a\0b' }],
  ['DEL in a value', { 'X-A': 'a\x7fb' }],
  ['a character past Latin-1 in a value', { 'X-A': 'č' }],
  ['characters that Latin-1 would turn into CR LF', { 'X-A': 'a\u010d\u010aX-B: 1' }],
  ['half a character', { 'X-A': '\ud800' }],
  ['LF in one value of many', { 'X-A': ['fine', 'a\nb'] }],
  ['an empty name', [['', 'x']]],
  ['a name with a space', { 'X A': 'x' }],
  ['a name with a colon', { 'X:A': 'x' }],
  ['a name with CR LF', { 'X\r\nA': 'x' }],
  ['a name with a letter that is no ASCII', { 'X-Ä': 'x' }],
  ['an object as a value', { 'X-A': {} as unknown as string }],
  ['null among values', { 'X-A': ['a', null as unknown as string] }],
  ['a function as a value', { 'X-A': (() => 'x') as unknown as string }],
  ['a symbol as a value', { 'X-A': Symbol('x') as unknown as string }],
  ['Content-Length of its own', { 'Content-Length': '3' }],
  ['content-length of its own in small letters', { 'content-length': '3' }],
  ['Transfer-Encoding of its own', { 'Transfer-Encoding': 'chunked' }],
  ['Connection of its own', { Connection: 'close' }],
  ['Keep-Alive of its own', { 'Keep-Alive': 'timeout=5' }],
  ['Upgrade of its own', { Upgrade: 'websocket' }],
  ['Expect of its own', { Expect: '100-continue' }],
  ['Proxy-Connection of its own', { 'Proxy-Connection': 'keep-alive' }],
];

const BAD_HEADERS: readonly BadCase[] = HEADERS.map(([name, headers]) => ({
  name: `headers with ${name}`,
  options: { headers: headers! },
  styles: ['request', 'stream', 'gather', 'raw'],
  error: HEADER,
}));

const BAD_METHODS: readonly BadCase[] = [
  '',
  'GET ',
  'G\r\nET',
  'GÉT',
  'GET / HTTP/1.1\r\nA: b',
].map((method) => ({
  name: `the method ${JSON.stringify(method)}`,
  method,
  styles: ['request', 'stream', 'gather', 'raw'],
  error: { ...HEADER, code: 'INVALID_OPTION' },
}));

const BODY: ExpectedError = {
  type: InvalidRequestError,
  code: 'INVALID_BODY',
  phase: 'build',
  isPlaceless: true,
};
const cycle: { self?: unknown } = {};
cycle.self = cycle;

const KINDS: readonly (readonly [name: string, options: object])[] = [
  ['a number', { body: 5 }],
  ['null', { body: null }],
  ['a plain object', { body: { a: 1 } }],
  ['a Date', { body: new Date(0) }],
  ['a function', { body: () => 'x' }],
  ['a form as a plain body', { body: new URLSearchParams('a=1') }],
  ['JSON with a cycle', { json: cycle }],
  ['JSON with a bigint', { json: { a: 1n } }],
  ['JSON of a function', { json: () => 1 }],
  [
    'JSON that throws',
    {
      json: {
        toJSON: () => {
          throw new Error('no JSON today');
        },
      },
    },
  ],
  ['two bodies', { json: 1, body: 'x' }],
  ['an array with a number in it', { body: ['a', 1] }],
];

const BAD_BODIES: readonly BadCase[] = KINDS.map(([name, options]) => ({
  name: `a body of ${name}`,
  method: 'POST',
  options: options as RequestOptions,
  error: BODY,
}));

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('so far so good');
  throw new Error('disk on fire');
}

async function* mixed(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('bytes');
  yield 5 as unknown as Uint8Array;
}

function brokenStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      controller.error(new Error('disk on fire'));
    },
  });
}

const SOURCE: ExpectedError = {
  type: WriteError,
  code: 'WRITE_FAILED',
  phase: 'send',
  says: /disk on fire/,
  hasCause: true,
};

const SOURCES: readonly BadCase[] = [
  { name: 'a body whose source throws', options: () => ({ body: broken() }), error: SOURCE },
  { name: 'a body whose stream errors', options: () => ({ body: brokenStream() }), error: SOURCE },
  {
    name: 'a part whose source throws',
    options: () => ({ multipart: { file: { content: broken() } } }),
    error: SOURCE,
  },
  {
    name: 'a source of something else than bytes',
    options: () => ({ body: mixed() }),
    error: {
      type: InvalidRequestError,
      code: 'INVALID_BODY',
      phase: 'build',
      isPlaceless: true,
      says: /a piece of it is number/,
    },
  },
  ...[3, 300].map((length) => ({
    name: `a part of another length than the ${length} it says`,
    options: () => ({ multipart: { file: { content: oneOf(30), length } } }),
    error: {
      type: InvalidRequestError,
      code: 'INVALID_BODY',
      phase: 'build' as const,
      isPlaceless: true,
      says: /length/,
    },
  })),
  {
    name: 'progress that is told to somebody who throws',
    options: {
      body: 'x',
      onUploadProgress: () => {
        throw new Error('disk on fire');
      },
    },
    error: SOURCE,
  },
];

const BAD_SOURCES = SOURCES.map((one) => ({ ...one, method: 'POST' }));

async function* oneOf(sizeBytes: number): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(sizeBytes, 'x');
}

export const BAD_CALLS: readonly BadCase[] = [
  ...BAD_URLS,
  ...BAD_HEADERS,
  ...BAD_METHODS,
  ...BAD_BODIES,
  ...BAD_SOURCES,
];
