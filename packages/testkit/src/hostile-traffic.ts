import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Dice } from './dice.ts';

/** Where hostile clients go, and how many of them come. */
export interface HostileTrafficOptions {
  readonly port: number;
  readonly host?: string;
  /** New attacks each second; 100 unless given. */
  readonly perSecond?: number;
  /** Attacks that are under way at a time, the most; 200 unless given. */
  readonly atOnce?: number;
  /** After this an attacker leaves, if the server has not ended it before; 2,000 unless given. */
  readonly lifeMs?: number;
  readonly seed?: number;
  /** Paths of the server under attack. */
  readonly paths: {
    /** Answers GET. */
    readonly get: string;
    /** Reads a body. */
    readonly post: string;
    /** Answers GET with a body without end, or one that is long. */
    readonly stream: string;
    /** Takes WebSockets; left out where the server has none. */
    readonly webSocket?: string;
  };
}

export interface HostileTraffic {
  /** Attacks begun, by kind. */
  readonly counts: Readonly<Record<string, number>>;
  /** Those under way. */
  readonly active: number;
  /** Begins no more, and ends those under way. */
  stop(): Promise<void>;
}

type Paths = HostileTrafficOptions['paths'];
type Attack = (socket: Socket, paths: Paths, dice: Dice) => void;

const HOST = 'Host: test\r\n';

/** Writes a piece every so often until the socket is gone. */
function drip(socket: Socket, everyMs: number, piece: () => string | Buffer): void {
  const timer = setInterval(() => socket.write(piece()), everyMs);
  socket.once('close', () => clearInterval(timer));
}

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
const FRAMINGS: readonly string[] = [
  'Content-Length: 6\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: 4',
  'Transfer-Encoding: \xa0chunked',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding : chunked',
  'Content-Length: 0\r\nContent-Length: 44',
  'Content-Length: +5',
  'Content-Length: 0x5',
];

const ATTACKS: Readonly<Record<string, Attack>> = {
  slowloris(socket, { get }, dice) {
    socket.write(`GET ${get} HTTP/1.1\r\n${HOST}`);
    drip(socket, 20 + dice.roll(80), () => `X-${dice.roll(1e6)}: y\r\n`);
  },
  'slow body'(socket, { post }) {
    socket.write(`POST ${post} HTTP/1.1\r\n${HOST}Content-Length: 100000\r\n\r\n`);
    drip(socket, 50, () => 'x');
  },
  'tiny chunks'(socket, { post }) {
    socket.write(`POST ${post} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`);
    drip(socket, 10, () => '1\r\nx\r\n'.repeat(50));
  },
  smuggling(socket, { post }, dice) {
    const framing = dice.pick(FRAMINGS);
    const bytes = `POST ${post} HTTP/1.1\r\n${HOST}${framing}\r\n\r\n0\r\n\r\n${SMUGGLED}`;
    socket.write(bytes, 'latin1');
  },
  garbage(socket, _, dice) {
    socket.write(randomBytes(1 + dice.roll(20_000)));
  },
  'a TLS hello'(socket) {
    socket.write(Buffer.concat([Buffer.from([22, 3, 1, 2, 0, 1]), randomBytes(512)]));
  },
  'reset in a head'(socket, { get }) {
    socket.write(`GET ${get} HTTP/1.1\r\n${HOST}X: `, () => socket.resetAndDestroy());
  },
  'reset in a body'(socket, { post }, dice) {
    const body = 'x'.repeat(dice.roll(60_000));
    const head = `POST ${post} HTTP/1.1\r\n${HOST}Content-Length: 100000\r\n\r\n`;
    socket.write(head + body, () => socket.resetAndDestroy());
  },
  'reset in an answer'(socket, { stream }) {
    socket.write(`GET ${stream} HTTP/1.1\r\n${HOST}\r\n`);
    socket.once('data', () => socket.resetAndDestroy());
  },
  'reset before the answer'(socket, { get }) {
    socket.write(`GET ${get} HTTP/1.1\r\n${HOST}\r\n`.repeat(20), () => socket.resetAndDestroy());
  },
  'a huge head'(socket, { get }, dice) {
    const line = `X-${dice.roll(1e6)}: ${'y'.repeat(1_000)}\r\n`;
    socket.write(`GET ${get} HTTP/1.1\r\n${HOST}${line.repeat(100)}`);
  },
  'a huge target'(socket) {
    socket.write(`GET /${'x'.repeat(100_000)} HTTP/1.1\r\n${HOST}\r\n`);
  },
  'a huge body'(socket, { post }) {
    socket.write(`POST ${post} HTTP/1.1\r\n${HOST}Content-Length: 9999999999\r\n\r\n`);
    drip(socket, 5, () => Buffer.alloc(16_384, 'x'));
  },
  silence() {},
  'half-closed at once'(socket) {
    socket.end();
  },
  'half-closed in a body'(socket, { post }) {
    socket.end(`POST ${post} HTTP/1.1\r\n${HOST}Content-Length: 100\r\n\r\nabc`);
  },
  'a flood that nobody reads the answers of'(socket, { get }) {
    socket.pause();
    socket.write(`GET ${get} HTTP/1.1\r\n${HOST}\r\n`.repeat(3_000));
  },
  'a stream that nobody reads'(socket, { stream }) {
    socket.pause();
    socket.write(`GET ${stream} HTTP/1.1\r\n${HOST}\r\n`);
  },
  'an expectation that is left unmet'(socket, { post }) {
    socket.write(
      `POST ${post} HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n`,
    );
  },
};

const HANDSHAKE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

/** Frames against RFC 6455: unmasked, reserved bits, a long ping, no UTF-8, a length of 2^63, a lone continuation. */
const FRAMES: readonly Buffer[] = [
  Buffer.from([0x81, 0x05, 1, 2, 3, 4, 5]),
  Buffer.from([0xf1, 0x81, 0, 0, 0, 0, 1]),
  Buffer.from([0x89, 0xfe, 1, 0, 0, 0, 0, 0]),
  Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xff]),
  Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  Buffer.from([0x80, 0x80, 0, 0, 0, 0]),
];
const EMPTY_FRAGMENT = Buffer.from([0x01, 0x80, 0, 0, 0, 0]);
const NEXT_FRAGMENT = Buffer.from([0x00, 0x80, 0, 0, 0, 0]);
const PING = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);

function handshake(socket: Socket, { webSocket }: Paths, fields = HANDSHAKE): void {
  socket.write(`GET ${webSocket!} HTTP/1.1\r\n${HOST}${fields}\r\n`);
}

const WEB_SOCKET_ATTACKS: Readonly<Record<string, Attack>> = {
  'a bad frame'(socket, paths, dice) {
    handshake(socket, paths);
    socket.write(dice.pick(FRAMES));
  },
  'a bad handshake'(socket, paths) {
    handshake(socket, paths, HANDSHAKE.replace('13', '99'));
  },
  'fragments without end'(socket, paths) {
    handshake(socket, paths);
    socket.write(EMPTY_FRAGMENT);
    drip(socket, 5, () => Buffer.concat(Array.from({ length: 200 }, () => NEXT_FRAGMENT)));
  },
  'pings that nobody reads the answers of'(socket, paths) {
    socket.pause();
    handshake(socket, paths);
    drip(socket, 5, () => Buffer.concat(Array.from({ length: 500 }, () => PING)));
  },
  'a WebSocket that is reset'(socket, paths) {
    handshake(socket, paths);
    socket.once('data', () => socket.resetAndDestroy());
  },
};

/**
 * Attacks a server in every way that needs no more than a socket, until it is stopped: slow, broken, huge, smuggling and
 * vanishing clients. What it is answered is not looked at; run normal traffic beside it, and look at that.
 */
export function startHostileTraffic(options: HostileTrafficOptions): HostileTraffic {
  const { port, host = '127.0.0.1', perSecond = 100, atOnce = 200, lifeMs = 2_000 } = options;
  const { paths, seed = 1 } = options;
  const attacks = Object.entries({
    ...ATTACKS,
    ...(paths.webSocket === undefined ? {} : WEB_SOCKET_ATTACKS),
  });
  const counts: Record<string, number> = {};
  const sockets = new Set<Socket>();
  let turn = 0;
  const begin = (): void => {
    if (sockets.size >= atOnce) return;
    const [kind, attack] = attacks[turn % attacks.length]!;
    const dice = new Dice(seed, turn);
    turn += 1;
    counts[kind] = (counts[kind] ?? 0) + 1;
    const socket = connect({ port, host, allowHalfOpen: true });
    sockets.add(socket);
    const life = setTimeout(() => socket.destroy(), lifeMs);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(life);
      sockets.delete(socket);
    });
    socket.resume();
    socket.once('connect', () => attack(socket, paths, dice));
  };
  const everyMs = 10;
  let due = 0;
  const timer = setInterval(() => {
    for (due += (perSecond * everyMs) / 1_000; due >= 1; due -= 1) begin();
  }, everyMs);
  return {
    counts,
    get active() {
      return sockets.size;
    },
    async stop() {
      clearInterval(timer);
      const closed = [...sockets].map(
        (socket) => new Promise((resolve) => socket.once('close', resolve)),
      );
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}
