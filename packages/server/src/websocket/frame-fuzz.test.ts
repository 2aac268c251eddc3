import { Dice } from '@needletail/testkit/dice';
import { describe, expect, it } from 'vitest';
import { makeFrames, mutate } from '@needletail/testkit/websocket-fuzz';
import { echo, SocketTestServer } from './socket-test-server.fixture.ts';

const server = new SocketTestServer();
const SEED = 20_261_130;
const CASES = 400;

const CLOSE_CODES = new Set([1000, 1002, 1005, 1007, 1008, 1009]);

describe('a server under random frames', () => {
  it('answers each client by the rules, ends each, and goes on serving', async () => {
    await server.start({ message: echo, maxMessageBytes: 200, maxFragments: 3 });
    for (let index = 0; index < CASES; index += 1) {
      const dice = new Dice(SEED, index);
      const bytes = mutate(dice, makeFrames(dice, true));
      const client = await server.raw();
      for (let at = 0; at < bytes.length;) {
        const end = at + 1 + dice.roll(60);
        client.write(bytes.subarray(at, end));
        at = end;
      }
      client.socket.end();
      const events = await client.rest();
      const where = `case ${index}: ${bytes.toString('hex')} gave ${events.join(', ')}`;
      // The end of what it sends reaches the server in the middle of a frame, or of the conversation: then no close frame.
      const closes = events.filter((event) => event.startsWith('close '));
      expect(closes.length, where).toBeLessThanOrEqual(1);
      for (const told of closes) {
        const code = Number(told.split(' ')[1]);
        expect(CLOSE_CODES.has(code) || code >= 3000, where).toBe(true);
        expect(events.slice(events.indexOf(told)), where).toEqual([told, 'end']);
      }
      client.terminate();
    }
    await server.until(() => server.hub.socketCount === 0);
    const last = await server.connect();
    expect(last.readyState).toBe(last.OPEN);
  });
});
