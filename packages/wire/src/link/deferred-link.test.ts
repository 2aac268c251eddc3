import { once } from 'node:events';
import { connect } from 'node:net';
import { describeLinkContract } from '@needletail/testkit/link-contract';
import { LinkProbe } from '@needletail/testkit/link-probe';
import { describe, expect, it } from 'vitest';
import { deferredLink } from './deferred-link.ts';
import { Dialer, type OpenedSocket } from './dialer.ts';
import type { Connector } from './link.ts';
import { listen } from './listen.ts';

function connectorTo(port: number): Connector {
  const dialer = new Dialer({ host: '127.0.0.1', port, addresses: ['127.0.0.1'] });
  return {
    connect: (handler) =>
      deferredLink(`127.0.0.1:${port}`, handler, async (signal) => await dialer.open(signal)),
  };
}

describeLinkContract('deferred', {
  async start(accept) {
    const listener = await listen({ port: 0 }, accept);
    return {
      connector: connectorTo(listener.port),
      close: () => listener.close({ closeAll: true }),
    };
  },
  nowhere: () => connectorTo(1),
  can: { reset: true, holdProcess: true },
});

describe('deferredLink', () => {
  it('tells in onClose why there is no socket', async () => {
    const probe = new LinkProbe();
    const reason = new Error('the proxy says no');
    probe.link = deferredLink('there:1', probe, () => Promise.reject(reason));
    await probe.saw('close');
    expect(probe.events).toEqual(['close']);
    expect(probe.closeReason).toBe(reason);
  });

  it('reads from a socket that was paused', async () => {
    const listener = await listen({ port: 0 }, (link) => {
      const probe = new LinkProbe();
      probe.reply = (bytes) => void link.write(bytes);
      return probe;
    });
    const socket = connect(listener.port, '127.0.0.1').pause();
    const opened: OpenedSocket = { socket, timings: { connectMs: 0, tlsMs: 0 } };
    const probe = new LinkProbe();
    probe.link = deferredLink('there:1', probe, () => once(socket, 'connect').then(() => opened));
    await probe.saw('open');
    probe.link.write('echo');
    await probe.saw('bytes');
    expect(probe.text).toBe('echo');
    probe.link.destroy();
    await listener.close({ closeAll: true });
  });

  it('drops a socket that comes after the link was destroyed', async () => {
    const listener = await listen({ port: 0 }, () => new LinkProbe());
    const probe = new LinkProbe();
    const socket = connect(listener.port, '127.0.0.1');
    const opened: OpenedSocket = { socket, timings: { connectMs: 0, tlsMs: 0 } };
    const connected = once(socket, 'connect').then(() => opened);
    probe.link = deferredLink('there:1', probe, () => connected);
    probe.link.destroy();
    await probe.saw('close');
    expect(probe.events).toEqual(['close']);
    expect(socket.destroyed).toBe(true);
    await listener.close({ closeAll: true });
  });
});
