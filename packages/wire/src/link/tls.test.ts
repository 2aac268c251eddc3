import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { connect as dial, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { describeLinkContract } from '@needletail/testkit/link-contract';
import { LinkProbe } from '@needletail/testkit/link-probe';
import { afterEach, describe, expect, it } from 'vitest';
import { connectTls } from './connect.ts';
import { Dialer } from './dialer.ts';
import type { LinkError } from './errors.ts';
import { listen, type Listener } from './listen.ts';
import type { TcpTarget } from './tcp.ts';
import { tlsStarter, type SessionCache, type TlsSettings } from './tls.ts';

const good = selfSignedCertificate({ names: ['localhost', '127.0.0.1', '::1'] });
const trusted: TlsSettings = { servername: 'localhost', insecure: false, ca: good.cert };

function targetAt(port: number): TcpTarget {
  return { host: 'localhost', port, addresses: ['127.0.0.1'] };
}

describeLinkContract('tls', {
  async start(accept) {
    const listener = await listen({ port: 0, tls: good }, accept);
    return {
      connector: new Dialer(targetAt(listener.port), { tls: trusted }),
      close: () => listener.close({ closeAll: true }),
    };
  },
  nowhere: () => new Dialer(targetAt(1), { tls: trusted }),
  can: { reset: false, holdProcess: true },
});

let listener: Listener | undefined;
/** Of the server started last; one before it may still hear of a handshake given up. */
let acceptErrors: LinkError[] = [];

async function serve(certificate = good): Promise<TcpTarget> {
  const errors: LinkError[] = [];
  acceptErrors = errors;
  const onAcceptError = (error: LinkError): void => void errors.push(error);
  listener = await listen({ port: 0, tls: certificate, onAcceptError }, (link) => {
    const probe = new LinkProbe();
    probe.reply = (bytes) => void link.write(bytes);
    return probe;
  });
  return targetAt(listener.port);
}

async function connect(target: TcpTarget, tls: TlsSettings): Promise<LinkProbe> {
  const probe = new LinkProbe();
  probe.link = connectTls(target, tls, probe);
  await probe.until(() => probe.count('open') + probe.count('close') > 0);
  return probe;
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

describe('connectTls', () => {
  afterEach(async () => {
    await listener?.close({ closeAll: true });
    listener = undefined;
  });

  it('opens a verified link and tells how long the handshake took', async () => {
    const client = await connect(await serve(), trusted);
    expect(client.events).toEqual(['open']);
    expect(client.timings?.tlsMs).toBeGreaterThan(0);
  });

  it('checks a literal address against the certificate', async () => {
    const client = await connect(await serve(), { ...trusted, servername: '127.0.0.1' });
    expect(client.events).toEqual(['open']);
  });

  it.each([
    ['self-signed', good, { servername: 'localhost', insecure: false }],
    ['for another name', good, { ...trusted, servername: 'example.com' }],
    ['for another address', good, { ...trusted, servername: '192.0.2.7' }],
  ] as const)('refuses a certificate that is %s', async (_why, certificate, tls) => {
    const client = await connect(await serve(certificate), tls);
    expect(client.events).toEqual(['close']);
    expect(client.closeReason).toMatchObject({ code: 'TLS_CERT', phase: 'tls' });
    expect(client.closeReason?.message).toContain('--insecure');
  });

  it('refuses a certificate that has expired', async () => {
    const old = selfSignedCertificate({ startedDaysAgo: 9, expiresInDays: -2 });
    const client = await connect(await serve(old), { ...trusted, ca: old.cert });
    expect(client.closeReason).toMatchObject({ code: 'TLS_CERT' });
    expect(client.closeReason?.message).toContain('expired');
  });

  it('accepts any certificate when insecure', async () => {
    const old = selfSignedCertificate({ names: ['x'], startedDaysAgo: 9, expiresInDays: -2 });
    const client = await connect(await serve(old), { servername: 'localhost', insecure: true });
    expect(client.events).toEqual(['open']);
  });

  it('resumes the session that the cache holds', async () => {
    const resumed: boolean[] = [];
    const server = createTlsServer(good, (socket) => {
      resumed.push(socket.isSessionReused());
      socket.on('error', () => socket.destroy());
      socket.pipe(socket);
    });
    const target = targetAt(await portOf(server));
    const session: SessionCache = {};
    for (let round = 0; round < 2; round += 1) {
      const client = await connect(target, { ...trusted, session });
      client.link.write('ping');
      await client.saw('bytes');
      client.link.destroy();
      await client.saw('close');
    }
    expect(resumed).toEqual([false, true]);
    server.close();
  });

  it('says so when the port does not speak TLS', async () => {
    const plain = createServer((socket) => socket.end('220 not what you think\r\n'));
    const client = await connect(targetAt(await portOf(plain)), trusted);
    expect(client.closeReason).toMatchObject({ code: 'TLS_HANDSHAKE', phase: 'tls' });
    plain.close();
  });

  it('fails when the peer hangs up during the handshake', async () => {
    const plain = createServer((socket) => socket.once('data', () => socket.destroy()));
    const client = await connect(targetAt(await portOf(plain)), trusted);
    expect(client.events).toEqual(['close']);
    expect(client.closeReason).toMatchObject({ code: 'RESET', phase: 'tls' });
    plain.close();
  });
});

describe('connectTls to a server that asks for a certificate', () => {
  const mine = selfSignedCertificate({ names: ['me'] });

  async function answerTo(tls: TlsSettings): Promise<LinkProbe> {
    const server = createTlsServer(
      { ...good, ca: mine.cert, requestCert: true, rejectUnauthorized: true },
      (socket) => {
        socket.on('error', () => socket.destroy());
        const name = socket.getPeerCertificate().subject.CN;
        socket.end(`hello ${typeof name === 'string' ? name : 'nobody'}`);
      },
    );
    const client = await connect(targetAt(await portOf(server)), tls);
    await client.until(() => client.count('bytes') + client.count('close') > 0);
    client.link.destroy();
    server.close();
    return client;
  }

  it('shows the one it was given', async () => {
    expect((await answerTo({ ...trusted, ...mine })).text).toBe('hello me');
  });

  it('decrypts its key with the passphrase', async () => {
    const passphrase = 'open sesame';
    const key = createPrivateKey(mine.key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
      .toString();
    const client = await answerTo({ ...trusted, cert: mine.cert, key, passphrase });
    expect(client.text).toBe('hello me');
  });

  it('is turned away without', async () => {
    const client = await answerTo(trusted);
    expect(client.text).toBe('');
    expect(client.closeReason).toMatchObject({ code: 'TLS_CERT', phase: 'tls' });
    expect(client.closeReason?.message).toContain('certificate of this side');
  });
});

describe('tlsStarter', () => {
  const stays = new AbortController().signal;

  async function openSocket(target: TcpTarget): Promise<Socket> {
    return (await new Dialer(target).open()).socket;
  }

  it('makes a connected socket a verified TLS one', async () => {
    const socket = await openSocket(await serve());
    const secure = await tlsStarter(trusted)(socket, 'localhost', stays);
    secure.write('ping');
    const [echo] = (await once(secure, 'data')) as [Buffer];
    expect(`${echo.toString()} ${secure.alpnProtocol}`).toBe('ping http/1.1');
    secure.destroy();
    await listener?.close({ closeAll: true });
  });

  it('refuses a certificate for another name and drops the socket', async () => {
    const socket = await openSocket(await serve());
    const starting = tlsStarter({ ...trusted, servername: 'other' })(socket, 'other:1', stays);
    await expect(starting).rejects.toMatchObject({ code: 'TLS_CERT', where: 'other:1' });
    expect(socket.destroyed).toBe(true);
    await listener?.close({ closeAll: true });
  });

  it('stops when aborted in the middle of the handshake', async () => {
    const silent = createServer();
    const socket = await openSocket(targetAt(await portOf(silent)));
    const controller = new AbortController();
    const starting = tlsStarter(trusted)(socket, 'localhost', controller.signal);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(starting).rejects.toBe(reason);
    expect(socket.destroyed).toBe(true);
    silent.close();
  });
});

describe('listen with tls', () => {
  it('reports a handshake that failed and goes on serving', async () => {
    const target = await serve();
    const stranger = dial(target.port, '127.0.0.1', () => stranger.write('GET / HTTP/1.1\r\n\r\n'));
    await once(stranger, 'close');
    expect(acceptErrors).toMatchObject([{ code: 'TLS_HANDSHAKE', phase: 'tls' }]);
    const accepted = await connect(target, trusted);
    accepted.link.write('still here');
    await accepted.saw('bytes');
    expect(accepted.text).toBe('still here');
    await listener!.close({ closeAll: true });
  });

  it('closes also the connections that are still in their handshake', async () => {
    const target = await serve();
    const stranger = dial(target.port, '127.0.0.1');
    await once(stranger, 'connect');
    await listener!.close({ closeAll: true });
    if (!stranger.closed) await once(stranger, 'close');
    expect(stranger.bytesRead).toBe(0);
  });
});
