import type { Socket } from 'node:net';

/** What an honest client must conclude; the names are those of the load engine's ledger. */
export type FaultOutcome = 'ok' | 'status' | 'reset' | 'truncated' | 'protocol' | 'timeout';

/** One request being answered, or not. */
export interface Exchange {
  readonly method: string;
  readonly socket: Socket;
  /** The part of the path after its name: `50` in `/delay/50`. */
  readonly argument: string;
  /** Sends a complete answer with a Content-Length and goes on to the next request of the connection. */
  reply(status: number, body: string | Buffer): void;
  /** Sends a complete answer written by hand, and goes on to the next request. */
  finish(bytes: string): void;
  /** Calls back after `delayMs`, unless the connection is gone by then. */
  after(delayMs: number, callback: () => void): void;
  /** A delay drawn from the server's distribution. */
  drawMs(): number;
  /** Waits for the one server of the queue, then keeps it for a drawn time; then calls back. */
  serve(callback: () => void): void;
}

export interface Misbehaviour {
  readonly outcome: FaultOutcome | ((argument: string) => FaultOutcome);
  run(exchange: Exchange): void;
}

const DRIP_MS = 100;
const MOST_SIZE_BYTES = 256 * 1024 * 1024;
const HELLO = 'hello, world\n';
const OK = 'HTTP/1.1 200 OK\r\n';
const HELLO_RESPONSE = `${OK}Content-Length: ${HELLO.length}\r\n\r\n${HELLO}`;
const ENDLESS_LINES = 'X-Filler: 0123456789abcdef\r\n'.repeat(512);

/** Every path of the faulty server by its first segment, with the truth about it. */
export const misbehaviours: ReadonlyMap<string, Misbehaviour> = new Map<string, Misbehaviour>([
  ['ok', { outcome: 'ok', run: (exchange) => exchange.reply(200, HELLO) }],
  [
    'status',
    {
      outcome: (argument) => (Number(argument) < 400 ? 'ok' : 'status'),
      run: (exchange) => exchange.reply(Number(exchange.argument), HELLO),
    },
  ],
  ['size', { outcome: 'ok', run: replySized }],
  [
    'delay',
    {
      outcome: 'ok',
      run: (exchange) =>
        exchange.after(Number(exchange.argument), () => exchange.reply(200, HELLO)),
    },
  ],
  [
    'drawn',
    {
      outcome: 'ok',
      run: (exchange) => exchange.after(exchange.drawMs(), () => exchange.reply(200, HELLO)),
    },
  ],
  ['queue', { outcome: 'ok', run: (exchange) => exchange.serve(() => exchange.reply(200, HELLO)) }],
  ['rst', { outcome: 'reset', run: ({ socket }) => void socket.resetAndDestroy() }],
  ['close', { outcome: 'reset', run: ({ socket }) => void socket.end() }],
  ['hang', { outcome: 'timeout', run: () => {} }],
  ['truncate', { outcome: 'truncated', run: endAfter(`${OK}Content-Length: 100\r\n\r\nshort`) }],
  [
    'truncate-chunked',
    {
      outcome: 'truncated',
      run: endAfter(`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`),
    },
  ],
  ['garbage', { outcome: 'protocol', run: endAfter('\u0016\u0003\u0001 no HTTP at all\r\n\r\n') }],
  [
    'bad-chunk',
    {
      outcome: 'protocol',
      run: finishWith(`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n`),
    },
  ],
  [
    'duplicate-cl',
    {
      outcome: 'protocol',
      run: finishWith(`${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`),
    },
  ],
  [
    'te-and-cl',
    {
      outcome: 'protocol',
      run: finishWith(
        `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
      ),
    },
  ],
  ['slow-loris', { outcome: 'timeout', run: dripHead }],
  ['endless-headers', { outcome: 'protocol', run: pourHead }],
  [
    'lie-short',
    {
      outcome: 'timeout',
      run: ({ socket }) => void socket.write(`${OK}Content-Length: 100\r\n\r\nshort`),
    },
  ],
  // The response itself is whole; what follows it must poison the connection, not the next response.
  ['lie-long', { outcome: 'ok', run: finishWith(`${HELLO_RESPONSE}HTTP/1.1 500 Poison\r\n\r\n`) }],
  [
    'early-close',
    {
      outcome: 'ok',
      run: endAfter(`${OK}Connection: close\r\nContent-Length: 5\r\n\r\nhello`),
    },
  ],
  ['until-close', { outcome: 'ok', run: endAfter(`${OK}\r\n${HELLO}`) }],
  ['100-continue', { outcome: 'ok', run: interimFirst('HTTP/1.1 100 Continue\r\n\r\n') }],
  [
    '103',
    { outcome: 'ok', run: interimFirst('HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n') },
  ],
  [
    'chunked',
    {
      outcome: 'ok',
      run: finishWith(
        `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;a=b\r\n, world\r\n0\r\n\r\n`,
      ),
    },
  ],
  [
    'chunk-trailers',
    {
      outcome: 'ok',
      run: finishWith(
        `${OK}Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n`,
      ),
    },
  ],
  ['split', { outcome: 'ok', run: sendBytewise }],
]);

function finishWith(bytes: string): (exchange: Exchange) => void {
  return (exchange) => exchange.finish(bytes);
}

function endAfter(bytes: string): (exchange: Exchange) => void {
  return ({ socket }) => void socket.end(bytes, 'latin1');
}

/** The interim response in a segment of its own. */
function interimFirst(interim: string): (exchange: Exchange) => void {
  return (exchange) => {
    exchange.socket.write(interim);
    exchange.after(1, () => exchange.finish(HELLO_RESPONSE));
  };
}

function replySized(exchange: Exchange): void {
  const sizeBytes = Number(exchange.argument);
  if (sizeBytes <= MOST_SIZE_BYTES) exchange.reply(200, Buffer.alloc(sizeBytes, 'x'));
  else exchange.socket.resetAndDestroy();
}

function dripHead(exchange: Exchange): void {
  exchange.socket.write(`${OK}X-Drip: `);
  const drip = (): void => {
    exchange.socket.write('a');
    exchange.after(DRIP_MS, drip);
  };
  exchange.after(DRIP_MS, drip);
}

function pourHead({ socket }: Exchange): void {
  socket.write(OK);
  const pour = (): void => {
    while (!socket.destroyed && socket.write(ENDLESS_LINES));
  };
  socket.on('drain', pour);
  pour();
}

function sendBytewise(exchange: Exchange): void {
  let at = 0;
  const next = (): void => {
    if (at === HELLO_RESPONSE.length - 1) return exchange.finish(HELLO_RESPONSE[at]);
    exchange.socket.write(HELLO_RESPONSE[at]);
    at += 1;
    exchange.after(0, next);
  };
  next();
}
