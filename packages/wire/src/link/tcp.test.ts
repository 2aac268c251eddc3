import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { describeLinkContract } from '@needletail/testkit/link-contract';
import { LinkProbe } from '@needletail/testkit/link-probe';
import { describe, expect, it } from 'vitest';
import { connectTcp } from './connect.ts';
import { Dialer } from './dialer.ts';
import type { Connector } from './link.ts';
import { listen } from './listen.ts';
import { resolveHost } from './resolve.ts';

const UNUSED_PORT = 1;
/** Some containers have no IPv6, not even to themselves. */
const loopbacks = ['127.0.0.1', '::1'].filter((address) =>
  Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === address)),
);

describeLinkContract('tcp', {
  async start(accept) {
    const listener = await listen({ port: 0 }, accept);
    const target = { host: '127.0.0.1', port: listener.port, addresses: ['127.0.0.1'] };
    return {
      connector: new Dialer(target),
      close: () => listener.close({ closeAll: true }),
    };
  },
  nowhere: () => new Dialer({ host: '127.0.0.1', port: UNUSED_PORT, addresses: ['127.0.0.1'] }),
  can: { reset: true, holdProcess: true },
});

function dial(connector: Connector): LinkProbe {
  const probe = new LinkProbe();
  probe.link = connector.connect(probe);
  return probe;
}

describe('Dialer.connect', () => {
  it.each(loopbacks)('finds localhost listening on %s only', async (host) => {
    const listener = await listen({ host, port: 0 }, () => new LinkProbe());
    const addresses = await resolveHost('localhost');
    const client = dial(new Dialer({ host: 'localhost', port: listener.port, addresses }));
    await client.saw('open');
    expect(client.timings?.connectMs).toBeGreaterThan(0);
    expect(client.timings?.tlsMs).toBe(0);
    client.link.destroy();
    await client.saw('close');
    await listener.close({ closeAll: true });
  });

  it('tries the address that answered first the next time', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0 }, () => new LinkProbe());
    const tried: string[] = [];
    const addresses = new Proxy(['::1', '127.0.0.1'], {
      get(list, key, receiver) {
        if (key === '0' || key === '1') tried.push(list[Number(key)]);
        return Reflect.get(list, key, receiver);
      },
    });
    const dialer = new Dialer({ host: 'both', port: listener.port, addresses });
    for (let round = 0; round < 2; round += 1) {
      const client = dial(dialer);
      await client.saw('open');
      client.link.destroy();
      await client.saw('close');
    }
    expect(tried.filter((address, i) => address !== tried[i - 1])).toEqual(['::1', '127.0.0.1']);
    await listener.close({ closeAll: true });
  });

  it('names the first address and the remedy when all of them refuse', async () => {
    const client = dial(
      new Dialer({ host: 'both', port: UNUSED_PORT, addresses: ['127.0.0.1', '::1'] }),
    );
    await client.saw('close');
    expect(client.closeReason?.message).toBe(
      'Cannot connect: nothing listens there (both:1 at 127.0.0.1:1). ' +
        'Start the target, or correct its host and port.',
    );
  });

  it('gives up after connectTimeoutMs', async () => {
    const clock = new FakeClock();
    const client = dial(
      new Dialer(
        { host: '192.0.2.1', port: 80, addresses: ['192.0.2.1'] },
        { clock, connectTimeoutMs: 250 },
      ),
    );
    clock.advance(250);
    await client.saw('close');
    expect(client.events).toEqual(['close']);
    expect(client.closeReason).toMatchObject({ code: 'CONNECT_TIMEOUT', phase: 'connect' });
  });

  it('leaves no timer behind once the link is open', async () => {
    const clock = new FakeClock();
    const listener = await listen({ port: 0 }, () => new LinkProbe());
    const target = { host: '127.0.0.1', port: listener.port, addresses: ['127.0.0.1'] };
    const client = dial(new Dialer(target, { clock }));
    await client.saw('open');
    expect(clock.pendingTimers).toBe(0);
    await listener.close({ closeAll: true });
  });

  it('refuses a target without addresses at once', () => {
    expect(() => new Dialer({ host: 'x', port: 1, addresses: [] })).toThrowError(/no address/);
  });

  it('reports a peer that resets without a word', async () => {
    const server = createServer((socket) => socket.on('data', () => socket.resetAndDestroy()));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const client = dial(new Dialer({ host: '127.0.0.1', port, addresses: ['127.0.0.1'] }));
    await client.saw('open');
    client.link.write('hello');
    await client.saw('close');
    expect(client.closeReason).toMatchObject({ code: 'RESET', phase: 'read' });
    server.close();
  });
});

describe('listen', () => {
  it('rejects with ADDRESS_IN_USE when the port is taken', async () => {
    const first = await listen({ port: 0 }, () => new LinkProbe());
    await expect(listen({ port: first.port }, () => new LinkProbe())).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      phase: 'listen',
    });
    await first.close();
  });

  it('counts its links, and close waits for the last of them', async () => {
    const accepted: LinkProbe[] = [];
    const listener = await listen({ port: 0 }, (link) => {
      const probe = new LinkProbe();
      probe.link = link;
      accepted.push(probe);
      return probe;
    });
    const client = new LinkProbe();
    const target = { host: '127.0.0.1', port: listener.port, addresses: ['127.0.0.1'] };
    client.link = connectTcp(target, client);
    await client.saw('open');
    client.link.write('x');
    await client.until(() => accepted.length === 1);
    expect(listener.linkCount).toBe(1);
    let isClosed = false;
    const closing = listener.close().then(() => (isClosed = true));
    await accepted[0].saw('bytes');
    expect(isClosed).toBe(false);
    accepted[0].link.end();
    await client.saw('end');
    client.link.end();
    await closing;
    expect(listener.linkCount).toBe(0);
  });

  it.skipIf(process.platform === 'win32')('serves a unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'link-'));
    const socketPath = join(folder, 'socket');
    const listener = await listen({ port: 0, socketPath }, (link) => {
      const probe = new LinkProbe();
      probe.reply = (bytes) => void link.write(bytes);
      return probe;
    });
    const target = { host: 'local', port: 0, addresses: [], socketPath };
    const client = dial(new Dialer(target));
    await client.saw('open');
    client.link.write('through a file');
    await client.until(() => client.receivedBytes === 14);
    expect(client.text).toBe('through a file');
    client.link.destroy();
    await listener.close({ closeAll: true });
    rmSync(folder, { recursive: true });
  });
});
