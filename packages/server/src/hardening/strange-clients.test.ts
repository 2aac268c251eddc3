import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bun, onBun, onPort, type Way } from '../behaviour/ways.fixture.ts';
import type { BackendName } from '../listen/backend.ts';
import { get, RawClient, statuses } from '../listen/raw-client.fixture.ts';

const HOST = 'Host: t\r\n';
const CLOSE = 'Connection: close\r\n\r\n';
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
const UPGRADE = `Connection: Upgrade\r\nUpgrade: websocket\r\n${KEY}`;
const CHUNKS = '1\r\na\r\n0\r\n\r\n';

type Status = number | Readonly<Record<BackendName, number>>;

/** What a client sends that is none of ours, or means no good, and the status it is told. */
const CLIENTS: readonly (readonly [name: string, bytes: string, status: Status])[] = [
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['a handshake of TLS', `\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03${'\0'.repeat(200)}`, 400],
  ['a greeting of SSH', 'SSH-2.0-OpenSSH_9.6\r\n', 400],
  ['a greeting of SMTP', 'EHLO example.org\r\n', 400],
  ['a command of Redis', '*1\r\n$4\r\nPING\r\n', 400],
  ['a line of the PROXY protocol', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n', 400],
  ['zeros', '\0'.repeat(64), 400],
  ['version 2.0', `GET /object HTTP/2.0\r\n${HOST}\r\n`, 505],
  [
    'version 2.0 and many fields',
    `GET /object HTTP/2.0\r\n${HOST}${'X: y\r\n'.repeat(90)}\r\n`,
    505,
  ],
  ['a handshake of WebSocket in 2.0', `GET /ws/room HTTP/2.0\r\n${HOST}${UPGRADE}\r\n`, 505],
  ['CONNECT', `CONNECT t:80 HTTP/1.1\r\n${HOST}\r\n`, 501],
  ['CONNECT in 2.0', `CONNECT t:80 HTTP/2.0\r\n${HOST}\r\n`, { wire: 505, node: 501, bun: 505 }],
  ['no Host', 'GET /object HTTP/1.1\r\n\r\n', 400],
  ['no Host, in 1.0', 'GET /object HTTP/1.0\r\n\r\n', 200],
  ['an empty Host', `GET /object HTTP/1.1\r\nHost:\r\n${CLOSE}`, 400],
  [
    'two Hosts',
    `GET /object HTTP/1.1\r\nHost: a\r\nHost: b\r\n${CLOSE}`,
    // Bun gives the first one.
    { wire: 400, node: 400, bun: 200 },
  ],
  ['a Host with a path', `GET /behind HTTP/1.1\r\nHost: a/b\r\n${CLOSE}`, 400],
  ['a Host with a user', `GET /behind HTTP/1.1\r\nHost: u@a\r\n${CLOSE}`, 400],
  ['a Host that is no URL', `GET /behind HTTP/1.1\r\nHost: 1.2.3.256\r\n${CLOSE}`, 400],
  [
    'a forwarded host that is no URL',
    `GET /behind HTTP/1.1\r\n${HOST}X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Host: 1.2.3.256\r\n${CLOSE}`,
    400,
  ],
  [
    'a transfer coding that nobody undoes',
    `POST /text HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n${CHUNKS}`,
    { wire: 501, node: 501, bun: 400 },
  ],
  ['chunks in 1.0', `POST /text HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`, 400],
  ['an asterisk for GET', `GET * HTTP/1.1\r\n${HOST}${CLOSE}`, { wire: 400, node: 404, bun: 400 }],
];

function describeStrangeClients(
  name: string,
  backend: BackendName,
  start: () => Promise<Way>,
): void {
  describe(`strange clients: ${name}`, () => {
    let way: Way;
    beforeAll(async () => (way = await start()));
    afterEach(() => expect(way.reports()).toBe(0));
    afterAll(() => way.end());

    it.each(CLIENTS)('%s', async (_, bytes, status) => {
      const client = new RawClient({ port: way.port });
      client.send(bytes);
      const told = statuses(await client.ended())[0];
      client.socket.destroy();
      expect(told).toBe(typeof status === 'number' ? status : status[backend]);
      const next = new RawClient({ port: way.port });
      next.send(get('/object', 'Connection: close\r\n'));
      expect(statuses(await next.ended())).toEqual([200]);
    });
  });
}

describeStrangeClients('wire', 'wire', () => onPort({ server: 'wire' }));
describeStrangeClients('node', 'node', () => onPort({ server: 'node' }));
describe.runIf(bun !== null)('on Bun', () => {
  describeStrangeClients('wire', 'wire', () => onBun('wire'));
  describeStrangeClients('bun', 'bun', () => onBun('bun'));
});
