import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { selfSignedCertificate, type Certificate } from '@needletail/testkit/certificate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Listening } from '../exchange.ts';
import { listenOn } from '../listen-on.ts';

let folder: string;
let listening: Listening;
let errors: unknown[];
const sockets: TLSSocket[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'needletail-tls-'));
  errors = [];
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listening.close({ graceMs: 0 });
  rmSync(folder, { recursive: true });
});

const certFile = (): string => join(folder, 'cert.pem');
const keyFile = (): string => join(folder, 'key.pem');

/** As a renewal does: a new file takes the name of the old one. */
function put({ cert, key }: Certificate): void {
  for (const [path, text] of [
    [certFile(), cert],
    [keyFile(), key],
  ] as const) {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  }
}

async function start(server: 'wire' | 'node', reload: 'watch' | 'signal'): Promise<void> {
  listening = await listenOn(server, (_, reply) => reply.send(200, '', 'ok'), {
    tls: { certFile: certFile(), keyFile: keyFile(), reload },
    onError: (error) => void errors.push(error),
  });
}

/** A connection that is open; rejects when the server does not present `certificate`. */
async function open({ cert }: Certificate): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: listening.port, ca: cert });
  sockets.push(socket);
  await once(socket, 'secureConnect');
  return socket;
}

async function isPresented(certificate: Certificate): Promise<boolean> {
  return open(certificate).then(
    () => true,
    () => false,
  );
}

async function answerOn(socket: TLSSocket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nHost: t\r\n\r\n');
  const [text] = (await once(socket, 'data')) as [Buffer];
  return text.toString();
}

describe.each(['wire', 'node'] as const)('tls.reload on %s', (server) => {
  it('presents a new certificate to new connections when its files change; open ones go on', async () => {
    const [first, second] = [selfSignedCertificate(), selfSignedCertificate()];
    put(first);
    await start(server, 'watch');
    const before = await open(first);
    put(second);
    while (!(await isPresented(second))) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await isPresented(first)).toBe(false);
    expect(await answerOn(before)).toContain('200 OK');
    expect(errors).toEqual([]);
  });

  it('reports files that are no good, and keeps what it had', async () => {
    const [first, second] = [selfSignedCertificate(), selfSignedCertificate()];
    put(first);
    await start(server, 'watch');
    put({ cert: second.cert, key: first.key });
    while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(errors).toMatchObject([{ code: 'BAD_CERTIFICATE' }]);
    expect(await isPresented(first)).toBe(true);
    put(second);
    while (!(await isPresented(second))) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('reads them again at SIGHUP, until it is closed', async () => {
    const [first, second] = [selfSignedCertificate(), selfSignedCertificate()];
    const before = process.listenerCount('SIGHUP');
    put(first);
    await start(server, 'signal');
    put(second);
    expect(await isPresented(first)).toBe(true);
    process.kill(process.pid, 'SIGHUP');
    while (!(await isPresented(second))) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const socket of sockets.splice(0)) socket.destroy();
    await listening.close({ graceMs: 0 });
    expect(process.listenerCount('SIGHUP')).toBe(before);
  });
});

describe('listenOn with tls', () => {
  it.each(['wire', 'node'] as const)('asks clients for certificates (%s)', async (server) => {
    const [own, theirs] = [selfSignedCertificate(), selfSignedCertificate()];
    listening = await listenOn(server, (_, reply) => reply.send(200, '', 'ok'), {
      tls: { ...own, ca: theirs.cert, requestCert: true, minVersion: 'TLSv1.3' },
    });
    const known = connect({ host: '127.0.0.1', port: listening.port, ca: own.cert, ...theirs });
    sockets.push(known);
    await once(known, 'secureConnect');
    expect(known.getProtocol()).toBe('TLSv1.3');
    expect(await answerOn(known)).toContain('200 OK');
    const unknown = await open(own);
    // TLS 1.3 tells a client that it is refused after the handshake (RFC 8446 §4.4.2.4).
    await expect(answerOn(unknown)).rejects.toThrow(/certificate required|ECONNRESET/i);
    const old = connect({ host: '127.0.0.1', port: listening.port, maxVersion: 'TLSv1.2' });
    await expect(once(old, 'secureConnect')).rejects.toThrow(/version/i);
  });

  it('refuses to start with what is no certificate, saying which file', async () => {
    put({ cert: 'nonsense', key: 'nonsense' });
    await expect(start('wire', 'watch')).rejects.toMatchObject({
      code: 'BAD_CERTIFICATE',
      message: expect.stringContaining(certFile()) as unknown,
    });
    rmSync(keyFile());
    await expect(start('wire', 'watch')).rejects.toMatchObject({ code: 'BAD_CERTIFICATE' });
  });
});
