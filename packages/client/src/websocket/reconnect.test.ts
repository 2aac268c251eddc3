import { FakeClock } from '@needletail/testkit/fake-clock';
import { describe, expect, it } from 'vitest';
import { AbortedError, WebSocketError } from '../errors.ts';
import {
  reconnectingWebSocket,
  type ReconnectOptions,
  type ReconnectingWebSocket,
} from './reconnect.ts';
import {
  accepting,
  rejection,
  scriptedNetwork,
  settle,
  type Answer,
  type ScriptedNetwork,
} from './websocket-setup.fixture.ts';

const URL_TEXT = 'ws://example.test/';

interface Run extends ScriptedNetwork {
  readonly clock: FakeClock;
  readonly socket: ReconnectingWebSocket;
  readonly messages: unknown[];
  /** Undefined when the loop ended without an error. */
  readonly ended: Promise<unknown>;
}

function start(options: ReconnectOptions = {}, answer: Answer = accepting): Run {
  const network = scriptedNetwork(answer);
  const clock = new FakeClock();
  const socket = reconnectingWebSocket(URL_TEXT, {
    connector: network.connector,
    clock,
    minMs: 100,
    maxMs: 1000,
    random: () => 1,
    ...options,
  });
  const messages: unknown[] = [];
  const read = async (): Promise<void> => {
    for await (const message of socket) messages.push(message);
  };
  const ended = read().then(
    () => undefined,
    (error: unknown) => error,
  );
  return { ...network, clock, socket, messages, ended };
}

describe('reconnectingWebSocket', () => {
  it('goes on over connections that are lost, and ends when the server closes for good', async () => {
    const counts: number[] = [];
    const { clock, messages, peers, ended } = start({
      onReconnect(connection, count) {
        counts.push(count);
        connection.send(`subscribe ${count}`);
      },
    });
    await settle();
    peers[0]!.send((encoder) => encoder.text('one'));
    await settle();
    peers[0]!.link.destroy(new Error('lost'));
    await settle();
    expect(peers).toHaveLength(1);
    clock.advance(100);
    await settle();
    expect(peers[1]!.events).toEqual(['text subscribe 2']);
    peers[1]!.send((encoder) => {
      encoder.text('two');
      encoder.close(1012);
    });
    await settle();
    peers[1]!.link.end();
    await settle();
    clock.advance(200);
    await settle();
    peers[2]!.send((encoder) => {
      encoder.text('three');
      encoder.close(1000);
    });
    await settle();
    peers[2]!.link.end();
    expect(await ended).toBeUndefined();
    expect(messages).toEqual(['one', 'two', 'three']);
    expect(counts).toEqual([1, 2, 3]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits longer each time, up to maxMs, and starts anew after a connection that lasted', async () => {
    const { clock, peers, socket, ended } = start();
    await settle();
    for (const pauseMs of [100, 200, 400, 800, 1000, 1000]) {
      const before = peers.length;
      peers.at(-1)!.link.destroy(new Error('lost'));
      await settle();
      clock.advance(pauseMs - 1);
      await settle();
      expect(peers).toHaveLength(before);
      clock.advance(1);
      await settle();
      expect(peers).toHaveLength(before + 1);
    }
    clock.advance(5000);
    peers.at(-1)!.link.destroy(new Error('lost'));
    await settle();
    const before = peers.length;
    clock.advance(100);
    await settle();
    expect(peers).toHaveLength(before + 1);
    await closeBoth(socket, peers.at(-1)!);
    expect(await ended).toBeUndefined();
  });

  it('draws each pause between half and the whole of itself', async () => {
    const { clock, peers, socket } = start({ random: () => 0 });
    await settle();
    peers[0]!.link.destroy(new Error('lost'));
    await settle();
    clock.advance(50);
    await settle();
    expect(peers).toHaveLength(2);
    await closeBoth(socket, peers[1]!);
  });

  it('throws after maxAttempts failures in a row', async () => {
    const { clock, ended, peers } = start(
      { maxAttempts: 2 },
      () => 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n',
    );
    await settle();
    clock.advance(100);
    await settle();
    clock.advance(200);
    expect(await ended).toMatchObject({ code: 'HANDSHAKE_REFUSED', status: 503 });
    expect(peers).toHaveLength(3);
  });

  it('does not try again what cannot get better', async () => {
    const refused = start({}, () => 'HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n');
    expect(await refused.ended).toMatchObject({ code: 'HANDSHAKE_REFUSED', status: 401 });
    const broken = start();
    await settle();
    broken.peers[0]!.link.write(Buffer.from([0x83, 0]));
    expect(await broken.ended).toMatchObject({ code: 'RESERVED_OPCODE' });
    const told = start();
    await settle();
    told.peers[0]!.send((encoder) => encoder.close(4003, 'banned'));
    await settle();
    told.peers[0]!.link.end();
    expect(await told.ended).toBeUndefined();
  });

  it('asks shouldReconnect where that is given', async () => {
    const seen: number[] = [];
    const { clock, peers, socket } = start({
      shouldReconnect(info) {
        seen.push(info.code);
        return true;
      },
    });
    await settle();
    peers[0]!.send((encoder) => encoder.close(4003));
    await settle();
    peers[0]!.link.end();
    await settle();
    clock.advance(100);
    await settle();
    expect(peers).toHaveLength(2);
    expect(seen).toEqual([4003]);
    await closeBoth(socket, peers[1]!);
  });

  it('sends over the connection in use, and throws while there is none', async () => {
    const { clock, peers, socket } = start();
    expect(() => socket.send('x')).toThrow(WebSocketError);
    await settle();
    expect(socket.send('x')).toBe(true);
    await settle();
    expect(peers[0]!.events).toEqual(['text x']);
    peers[0]!.link.destroy(new Error('lost'));
    await settle();
    expect(() => socket.send('x')).toThrow(expect.objectContaining({ code: 'NOT_OPEN' }) as Error);
    await socket.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('close() ends a pause and a try under way', async () => {
    const pausing = start();
    await settle();
    pausing.peers[0]!.link.destroy(new Error('lost'));
    await settle();
    await pausing.socket.close();
    expect(await pausing.ended).toBeUndefined();
    const trying = start({}, () => null);
    await settle();
    await trying.socket.close();
    expect(await trying.ended).toBeUndefined();
    expect(trying.clock.pendingTimers).toBe(0);
  });

  it('is given up by its signal, in a pause too', async () => {
    const controller = new AbortController();
    const { ended, peers } = start({ signal: controller.signal });
    await settle();
    peers[0]!.link.destroy(new Error('lost'));
    await settle();
    controller.abort();
    expect(await ended).toBeInstanceOf(AbortedError);
    const open = new AbortController();
    const reading = start({ signal: open.signal });
    await settle();
    open.abort();
    expect(await reading.ended).toBeInstanceOf(AbortedError);
  });

  it('closes when the loop is left', async () => {
    const { connector, peers } = scriptedNetwork((request, peer) => {
      setImmediate(() => peer.send((encoder) => encoder.text('enough')));
      return accepting(request, peer);
    });
    const leave = async (): Promise<void> => {
      for await (const message of reconnectingWebSocket(URL_TEXT, { connector })) {
        expect(message).toBe('enough');
        setImmediate(() => {
          peers[0]!.send((encoder) => encoder.close(1000));
          peers[0]!.link.end();
        });
        break;
      }
    };
    await leave();
    expect(peers[0]!.events).toEqual(['close 1000']);
  });

  it('rejects a URL that is none at once', async () => {
    const reading = (async () => {
      for await (const message of reconnectingWebSocket('nonsense')) expect(message).toBe('');
    })();
    expect((await rejection(reading, Error)).name).toBe('InvalidUrlError');
  });
});

async function closeBoth(
  socket: ReconnectingWebSocket,
  peer: ScriptedNetwork['peers'][number],
): Promise<void> {
  const closing = socket.close();
  peer.send((encoder) => encoder.close(1000));
  peer.link.end();
  await closing;
}
