import { memoryPair, type LinkHandler } from '@needletail/wire';
import { Dice } from '@needletail/testkit/dice';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { HOSTILE_FRAGMENTS, REQUEST_CORPUS } from '@needletail/testkit/fuzz-corpus';
import { describe, expect, it } from 'vitest';
import type { ServerReply, ServerRequest } from './exchange.ts';
import { WireServer } from './wire-server.ts';

const CASES = 3_000;
const SEED = 11;
/** What may differ: the time, and whether a body was there before somebody had to ask for it. */
const CIRCUMSTANCES = /Date: [^\r]*\r\n|HTTP\/1\.1 100 Continue\r\n\r\n/g;

interface Outcome {
  readonly seen: readonly string[];
  readonly sent: string;
  readonly isClosed: boolean;
}

/** A row of requests, mutated up to four times. */
function makeStream(dice: Dice): Buffer {
  let text = '';
  for (let count = 1 + dice.roll(4); count > 0; count -= 1) text += dice.pick(REQUEST_CORPUS);
  for (let count = dice.roll(5); count > 0; count -= 1) {
    const at = dice.roll(text.length + 1);
    const removed = dice.roll(2) === 0 ? 0 : 1 + dice.roll(10);
    const added = dice.roll(3) === 0 ? '' : dice.pick(HOSTILE_FRAGMENTS);
    text = text.slice(0, at) + added + text.slice(at + removed);
  }
  return Buffer.from(text, 'latin1');
}

function pieceOf(dice: Dice, cutting: string): number {
  if (cutting === 'whole') return Infinity;
  return cutting === 'bytes' ? 1 : 1 + dice.roll(60);
}

/** The handlers answer in different ways, by target; what they see is part of the outcome. */
function answer(seen: string[], request: ServerRequest, reply: ServerReply): void | Promise<void> {
  seen.push(`${request.method} ${request.target} ${request.headers.get('host')}`);
  if (request.target.startsWith('/a')) return reply.send(200, '', 'at once');
  if (request.target.startsWith('/form')) {
    return request.body.bytes().then((body) => reply.send(200, '', body));
  }
  if (request.target === '/x') return answerPiecewise(request, reply);
  throw new Error('on purpose');
}

async function answerPiecewise(request: ServerRequest, reply: ServerReply): Promise<void> {
  let text = '';
  for await (const piece of request.body.stream()) text += piece.toString('latin1');
  await reply.stream(
    200,
    '',
    (async function* () {
      yield text;
    })(),
  );
}

/** Lets timers stand still while everything that is ready runs. */
async function settle(clock: FakeClock): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) {
    clock.flush();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function play(bytes: Buffer, dice: Dice, cutting: string): Promise<Outcome> {
  const clock = new FakeClock();
  const seen: string[] = [];
  const server = new WireServer((request, reply) => answer(seen, request, reply), {
    clock,
    onError() {},
  });
  server.startTicking();
  const { left, right } = memoryPair(clock);
  right.attach(server.accept(right, 'memory'));
  let sent = '';
  let isClosed = false;
  const client: LinkHandler = {
    onOpen() {},
    onBytes: (buffer, end) => void (sent += buffer.toString('latin1', 0, end)),
    onDrain() {},
    onEnd() {},
    onClose: () => void (isClosed = true),
  };
  left.attach(client);
  clock.flush();
  for (let at = 0; at < bytes.length && !isClosed;) {
    const end = Math.min(bytes.length, at + pieceOf(dice, cutting));
    left.write(bytes.subarray(at, end));
    clock.flush();
    // Time for handlers, between some pieces and not between others.
    if (cutting === 'random' && dice.roll(8) === 0) await settle(clock);
    at = end;
  }
  await settle(clock);
  left.end();
  await settle(clock);
  // Whatever came: in the end the time limits leave nothing open.
  for (let second = 0; second < 40 && server.connectionCount > 0; second += 1) {
    clock.advance(10_000);
    await settle(clock);
  }
  return { seen, sent: sent.replace(CIRCUMSTANCES, ''), isClosed: server.connectionCount === 0 };
}

/** The codes of the answers; their bodies too as long as nobody was refused. */
function isWellFormed(sent: string): boolean {
  return sent === '' || /^HTTP\/1\.1 \d{3} /.test(sent);
}

describe('a connection on mutated requests', () => {
  it(`comes to the same end however ${CASES} streams are cut`, { timeout: 60_000 }, async () => {
    for (let index = 0; index < CASES; index += 1) {
      const bytes = makeStream(new Dice(SEED, index));
      const whole = await play(bytes, new Dice(SEED, index), 'whole');
      const other = index % 2 === 0 ? 'bytes' : 'random';
      const cut = await play(bytes, new Dice(SEED, index), other);
      const where = `case ${index}, ${other}: ${JSON.stringify(bytes.toString('latin1'))}`;
      expect(cut, where).toEqual(whole);
      expect(whole.isClosed, where).toBe(true);
      expect(isWellFormed(whole.sent), where).toBe(true);
    }
  });
});
