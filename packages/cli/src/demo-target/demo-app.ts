import {
  App,
  type AppOptions,
  breakOff,
  bytes,
  empty,
  json,
  stream,
  text,
  type Context,
  type Reply,
} from '@needletail/server';
import { Rng } from '@needletail/stats';
import type { Clock } from '@needletail/wire';
import { HELP, MOST_DELAY_MS, MOST_SIZE_BYTES } from './demo-help.ts';

const BLOCK: Buffer = Buffer.alloc(65_536, 'x');
/** Up to here a body is sent whole, in one write with its head. */
const WHOLE_BYTES = 16_384;
const SLOW_PIECES = 10;
const SLOW_PIECE = 'ten bytes\n';
const SLOW_PIECE_MS = 100;
const CHUNKS = ['first chunk\n', 'second chunk\n', 'third chunk\n'];
const NOSNIFF = { 'X-Content-Type-Options': 'nosniff' };

/** Answers that are the same for everybody are encoded once. */
const HELLO_JSON = json({ message: 'hello, world' });
const HELLO_TEXT = text('hello, world\n');
const DONE = text('done\n');
const UNLUCKY = text('unlucky\n', { status: 503 });
const NOT_FOUND = text('no such path; GET /help lists them\n', { status: 404 });
const BROKEN: Readonly<Record<string, Reply>> = {
  hang: breakOff('hang'),
  reset: breakOff('reset'),
  truncate: breakOff('end', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut short'),
  garbage: breakOff('end', '\u0000\u0001 this is not HTTP\r\n\r\n'),
};

export interface DemoAppOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly onError: NonNullable<AppOptions<object>['onError']>;
}

/** The routes of the demo target. `seed` decides which requests `/flaky` fails. */
export function demoApp({ clock, seed, onError }: DemoAppOptions): App {
  const rng = new Rng(seed);
  const app = new App({ notFound: () => NOT_FOUND, onError });
  return app
    .get('/', () => HELLO_JSON)
    .get('/json', () => HELLO_JSON)
    .get('/text', () => HELLO_TEXT)
    .get('/help', () => text(HELP))
    .get('/users/:id(\\d{1,12})', ({ params }) => {
      const id = Number(params.id);
      return { id, name: `User ${id}` };
    })
    .get('/delay/:ms', ({ params: { ms } }) =>
      withNumber(ms, 0, MOST_DELAY_MS, async (delayMs) => {
        await waitFor(clock, delayMs);
        return DONE;
      }),
    )
    .get('/size/:bytes', ({ params }) =>
      withNumber(params.bytes, 0, MOST_SIZE_BYTES, (sizeBytes) => sized(sizeBytes)),
    )
    .get('/status/:code', ({ params }) =>
      withNumber(params.code, 200, 599, (status) =>
        status === 205 ? empty({ status }) : text(`status ${status}\n`, { status }),
      ),
    )
    .get('/flaky/:percent', ({ params }) =>
      withNumber(params.percent, 0, 100, (percent) =>
        rng.next() * 100 < percent ? UNLUCKY : DONE,
      ),
    )
    .get('/slow', () => stream(drip(clock), { ...SLOW, length: SLOW_PIECES * SLOW_PIECE.length }))
    .get('/chunked', () => stream(chunks(), SLOW))
    .get('/broken/:how', ({ params: { how } }) =>
      Object.hasOwn(BROKEN, how) ? BROKEN[how] : NOT_FOUND,
    )
    .post('/echo', echo)
    .put('/echo', echo);
}

const SLOW = { type: 'text/plain; charset=utf-8', headers: NOSNIFF };

/** Always of this type, whatever was sent: nobody's browser shall run what somebody posted. */
async function echo(c: Context): Promise<Reply> {
  return bytes(await c.read.bytes(), { headers: NOSNIFF });
}

function sized(sizeBytes: number): Reply {
  const type = 'text/plain; charset=utf-8';
  if (sizeBytes <= WHOLE_BYTES) return bytes(BLOCK.subarray(0, sizeBytes), { type });
  return stream(blocks(sizeBytes), { type, headers: NOSNIFF, length: sizeBytes });
}

async function* blocks(sizeBytes: number): AsyncGenerator<Buffer> {
  for (let left = sizeBytes; left > 0; left -= BLOCK.length) {
    yield left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
  }
}

async function* chunks(): AsyncGenerator<string> {
  yield* CHUNKS;
}

async function* drip(clock: Clock): AsyncGenerator<string> {
  for (let piece = 0; piece < SLOW_PIECES; piece += 1) {
    await waitFor(clock, SLOW_PIECE_MS);
    yield SLOW_PIECE;
  }
}

function withNumber(
  given: string,
  least: number,
  most: number,
  then: (value: number) => unknown,
): unknown {
  const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= least && value <= most) return then(value);
  return text(`give a whole number from ${least} to ${most}\n`, { status: 400 });
}

/** A timer may be up to a millisecond early by the finer clock; an answer may not. */
function waitFor(clock: Clock, delayMs: number): Promise<void> {
  const dueMs = clock.now() + delayMs;
  return new Promise((resolve) => {
    const check = (): void => {
      const earlyMs = dueMs - clock.now();
      if (earlyMs > 0) clock.setTimer(Math.ceil(earlyMs), check);
      else resolve();
    };
    clock.setTimer(delayMs, check);
  });
}
