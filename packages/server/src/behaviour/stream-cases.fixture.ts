import type { App } from '../app/app.ts';
import { compression } from '../middleware/compression.ts';
import { ndjson } from '../reply/ndjson.ts';
import { sse } from '../reply/sse.ts';
import { is, latin1, type BehaviourCase, type Concern } from './behaviour-case.fixture.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function addStreams(app: App): void {
  app
    .get('/events', (c) =>
      sse(c, async function* ({ lastEventId }) {
        yield { data: `after ${lastEventId}`, id: '1' };
        await turn();
        yield { event: 'grün', data: 'two\nlines', retryMs: 500 };
        yield { data: { a: 1 } };
      }),
    )
    .get('/lines', () => ndjson([{ a: 1 }, 'ü', null]))
    .get('/lines-later', () =>
      ndjson(
        (async function* () {
          yield 1;
          await turn();
          yield [2];
        })(),
      ),
    )
    .get('/sync', function* () {
      yield 'one ';
      yield Buffer.from('two');
    })
    .get('/map', () => new Map([['a', 1]]))
    .get('/web-stream', () => new Blob(['a', 'b'.repeat(100_000)]).stream())
    .get('/no-pieces', () => ndjson([]));
  app
    .group('/coded')
    .use(compression())
    .get('/events', (c) =>
      sse(c, async function* () {
        yield 'x'.repeat(2_000);
      }),
    );
}

const STREAMS: readonly BehaviourCase[] = [
  {
    name: 'events',
    path: '/events',
    headers: { 'last-event-id': '7' },
    answer: is(
      200,
      latin1(
        'id: 1\ndata: after 7\n\nevent: grün\nretry: 500\ndata: two\ndata: lines\n\ndata: {"a":1}\n\n',
      ),
      { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'content-length': null },
    ),
  },
  { name: 'HEAD of events', method: 'HEAD', path: '/events', answer: is(200, '') },
  {
    name: 'events, compressed',
    path: '/coded/events',
    headers: { 'accept-encoding': 'gzip' },
    answer: is(200, /^.\x8b/, { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }),
  },
  {
    name: 'lines',
    path: '/lines',
    answer: is(200, latin1('{"a":1}\n"ü"\nnull\n'), { 'content-type': 'application/x-ndjson' }),
  },
  { name: 'lines that come later', path: '/lines-later', answer: is(200, '1\n[2]\n') },
  { name: 'no lines', path: '/no-pieces', answer: is(200, '') },
  { name: 'a generator that is not asynchronous', path: '/sync', answer: is(200, 'one two') },
  { name: 'a map', path: '/map', answer: is(500), reports: 1 },
  { name: 'a web stream', path: '/web-stream', answer: is(200, `a${'b'.repeat(100_000)}`) },
];

export const streams: Concern = { add: addStreams, cases: STREAMS };
