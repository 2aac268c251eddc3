import { setImmediate as nextTurn } from 'node:timers/promises';
import { LinkError, type Connector, type Link, type LinkHandler } from '@needletail/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { LinkProbe } from './link-probe.ts';

export interface LinkFixture {
  readonly connector: Connector;
  close(): Promise<void>;
}

export interface LinkContract {
  /** A listening end that hands new links to `accept`, and what connects to it. */
  start(accept: (link: Link) => LinkHandler): Promise<LinkFixture>;
  /** What connects to a place where nothing listens; leave out where there is no such place. */
  readonly nowhere?: () => Connector;
  readonly can: {
    /** Tell the peer of a `destroy(error)` by a reset. */
    readonly reset: boolean;
    /** Keep the process alive while it is open. */
    readonly holdProcess: boolean;
  };
}

interface Pair {
  readonly client: LinkProbe;
  readonly server: LinkProbe;
}

const LARGE_BYTES = 8 * 1024 * 1024;
const CROWD = 50;

/** What every kind of link owes its user; run it once per kind, from a test file. */
export function describeLinkContract(kind: string, contract: LinkContract): void {
  let fixture: LinkFixture | undefined;
  const servers: LinkProbe[] = [];

  async function start(): Promise<Connector> {
    servers.length = 0;
    fixture = await contract.start((link) => {
      const probe = new LinkProbe();
      probe.link = link;
      servers.push(probe);
      return probe;
    });
    return fixture.connector;
  }

  function dial(connector: Connector): LinkProbe {
    const probe = new LinkProbe();
    probe.link = connector.connect(probe);
    return probe;
  }

  async function openPair(): Promise<Pair> {
    const client = dial(await start());
    await client.saw('open');
    while (servers.length === 0) await nextTurn();
    return { client, server: servers[0] };
  }

  async function bothClosed({ client, server }: Pair): Promise<void> {
    await Promise.all([client.saw('close'), server.saw('close')]);
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  }

  describe(`a ${kind} link`, () => {
    afterEach(async () => {
      await fixture?.close();
      fixture = undefined;
    });

    describe('write', () => {
      it('delivers in order, strings and bytes mixed', async () => {
        const { client, server } = await openPair();
        let expected = '';
        for (let i = 0; i < 500; i += 1) {
          client.link.write(`s${i},`);
          client.link.write(Buffer.from(`b${i},`));
          client.link.writeAll([`x${i},`, Buffer.from(`y${i},`)]);
          expected += `s${i},b${i},x${i},y${i},`;
        }
        await server.until(() => server.receivedBytes >= expected.length);
        expect(server.text).toBe(expected);
      });

      it('carries both ways at once', async () => {
        const { client, server } = await openPair();
        server.reply = (bytes) => void server.link.write(bytes);
        client.link.write('there and back');
        await client.until(() => client.receivedBytes >= 14);
        expect(client.text).toBe('there and back');
      });

      it('sends a string as latin1, one byte a character', async () => {
        const { client, server } = await openPair();
        client.link.write('\u00e9\u00ff');
        await server.until(() => server.receivedBytes >= 2);
        expect([...server.received]).toEqual([0xe9, 0xff]);
      });

      it('throws before the link is open and after its end, and is ignored after destroy', async () => {
        const connector = await start();
        const client = dial(connector);
        expect(() => client.link.write('early')).toThrowError(/still opening/);
        await client.saw('open');
        client.link.end();
        expect(() => client.link.write('late')).toThrowError(/already ended/);
        client.link.destroy();
        expect(client.link.write('too late')).toBe(false);
        await client.saw('close');
        expect(client.closeReason).toBeNull();
      });

      it('asks the writer to wait, and tells it when to go on', async () => {
        const { client, server } = await openPair();
        const block = patternBlock(7, 65_536);
        let sentBytes = 0;
        let refusals = 0;
        const pump = (): void => {
          while (sentBytes < LARGE_BYTES) {
            sentBytes += block.length;
            if (!client.link.write(block)) {
              refusals += 1;
              return;
            }
          }
        };
        client.onDrain = pump;
        pump();
        await server.until(() => server.receivedBytes >= LARGE_BYTES);
        expect(refusals).toBeGreaterThan(0);
        expect(server.receivedBytes).toBe(LARGE_BYTES);
        const received = server.received;
        for (let at = 0; at < LARGE_BYTES; at += block.length) {
          expect(received.compare(block, 0, block.length, at, at + block.length)).toBe(0);
        }
      });
    });

    describe('pause', () => {
      it.each(['client', 'server'] as const)(
        'holds back the bytes of the %s until resume, losing none',
        async (reader) => {
          const pair = await openPair();
          const receiver = pair[reader];
          const sender = reader === 'client' ? pair.server : pair.client;
          let isPaused = false;
          let arrivedWhilePaused = 0;
          receiver.reply = () => {
            if (isPaused) arrivedWhilePaused += 1;
            isPaused = true;
            receiver.link.pause();
            setImmediate(() => {
              isPaused = false;
              receiver.link.resume();
            });
          };
          const sent = patternBlock(3, 1_048_576);
          sender.link.write(sent);
          await receiver.until(() => receiver.receivedBytes >= sent.length);
          expect(receiver.received.equals(sent)).toBe(true);
          expect(arrivedWhilePaused).toBe(0);
        },
      );
    });

    describe('end', () => {
      it('closes one half and leaves the other open for the answer', async () => {
        const pair = await openPair();
        const { client, server } = pair;
        client.link.write('question');
        client.link.end();
        await server.saw('end');
        expect(server.text).toBe('question');
        server.link.write('answer');
        server.link.end();
        await bothClosed(pair);
        expect(client.text).toBe('answer');
        expect(client.events.filter((event) => event !== 'drain')).toEqual([
          'open',
          'bytes',
          'end',
          'close',
        ]);
        expect([client.closeReason, server.closeReason]).toEqual([null, null]);
      });

      it('sends what is queued first', async () => {
        const pair = await openPair();
        const sent = patternBlock(5, 2_097_152);
        pair.server.link.write(sent);
        pair.server.link.end();
        await pair.client.saw('end');
        expect(pair.client.received.equals(sent)).toBe(true);
        pair.client.link.end();
        await bothClosed(pair);
      });
    });

    describe('destroy', () => {
      it('closes without an error, once, and the peer sees it', async () => {
        const pair = await openPair();
        pair.server.onEnd = () => pair.server.link.end();
        pair.client.link.destroy();
        pair.client.link.destroy(new Error('a second time'));
        pair.client.link.end();
        await bothClosed(pair);
        expect(pair.client.count('close')).toBe(1);
        expect(pair.client.closeReason).toBeNull();
        expect(pair.server.count('close')).toBe(1);
      });

      it('hands its error to onClose', async () => {
        const pair = await openPair();
        pair.server.onEnd = () => pair.server.link.end();
        const reason = new Error('had enough');
        pair.client.link.destroy(reason);
        await bothClosed(pair);
        expect(pair.client.closeReason).toBe(reason);
      });

      it.runIf(contract.can.reset)('with an error resets the peer', async () => {
        const pair = await openPair();
        pair.server.link.destroy(new Error('on purpose'));
        await bothClosed(pair);
        expect(pair.client.closeReason).toBeInstanceOf(LinkError);
        expect(pair.client.closeReason).toMatchObject({ code: 'RESET' });
        expect(pair.client.count('end')).toBe(0);
      });

      it('inside onBytes is the last thing before onClose', async () => {
        const pair = await openPair();
        pair.server.onEnd = () => pair.server.link.end();
        pair.client.reply = () => pair.client.link.destroy();
        pair.server.link.write(patternBlock(1, 1_048_576));
        await bothClosed(pair);
        expect(pair.client.events.slice(-2)).toEqual(['bytes', 'close']);
        expect(pair.client.count('bytes')).toBe(1);
      });

      it('before the link is open means it never opens', async () => {
        const client = dial(await start());
        client.link.destroy();
        await client.saw('close');
        await nextTurn();
        expect(client.events).toEqual(['close']);
        expect(client.closeReason).toBeNull();
      });
    });

    describe('unref', () => {
      it('lets the process end until ref, and bytes still come and go', async () => {
        const { client, server } = await openPair();
        const held = process.getActiveResourcesInfo().length;
        client.link.unref();
        const freed = held - process.getActiveResourcesInfo().length;
        server.reply = (bytes) => void server.link.write(bytes);
        client.link.write('still here');
        await client.until(() => client.receivedBytes >= 10);
        client.link.ref();
        expect(freed).toBe(contract.can.holdProcess ? 1 : 0);
        expect(client.text).toBe('still here');
      });
    });

    describe('connect', () => {
      it.runIf(contract.nowhere !== undefined)(
        'to a place where nothing listens closes with REFUSED',
        async () => {
          const client = dial(contract.nowhere!());
          await client.saw('close');
          expect(client.events).toEqual(['close']);
          expect(client.closeReason).toBeInstanceOf(LinkError);
          expect(client.closeReason).toMatchObject({ code: 'REFUSED', phase: 'connect' });
        },
      );

      it('keeps many links at once apart, paused and resumed at random', async () => {
        const connector = await start();
        const clients = Array.from({ length: CROWD }, () => dial(connector));
        await Promise.all(clients.map((client) => client.saw('open')));
        while (servers.length < CROWD) await nextTurn();
        // Each answer depends on the number its own client sent.
        for (const server of servers) {
          server.reply = ([number]) => {
            for (let i = 0; i < 8; i += 1) server.link.write(patternBlock(number, 20_000));
          };
        }
        for (const [number, client] of clients.entries()) {
          client.reply = (bytes) => {
            if (bytes[0] % 3 !== number % 3) return;
            client.link.pause();
            setImmediate(() => client.link.resume());
          };
          client.link.write(Buffer.of(number));
        }
        await Promise.all(clients.map((one) => one.until(() => one.receivedBytes >= 160_000)));
        for (const [number, client] of clients.entries()) {
          const block = patternBlock(number, 20_000);
          expect(client.received.equals(Buffer.concat(Array<Buffer>(8).fill(block)))).toBe(true);
        }
      });
    });
  });
}

/** Bytes that tell where they are and whose they are. */
function patternBlock(seed: number, sizeBytes: number): Buffer {
  const block = Buffer.allocUnsafe(sizeBytes);
  for (let at = 0; at < sizeBytes; at += 1) block[at] = (at * 31 + seed * 101 + (at >> 8)) & 0xff;
  return block;
}
