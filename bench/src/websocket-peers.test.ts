// The WebSocket server of this toolkit and its WebSocket client, which may not know of each other, meet here; and the server
// runs on Bun.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connectWebSocket, type WebSocketOptions } from '@needletail/client/websocket';
import { App, type AppListenOptions } from '@needletail/server';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { findProgram } from '@needletail/testkit/programs';
import { describe, expect, it } from 'vitest';

const bun = findProgram('bun');
const ECHO = fileURLToPath(new URL('server/websocket-echo.ts', import.meta.url));
const certificate = selfSignedCertificate();

/** Sends every size and kind, checks what comes back, pings, and closes; how the connection ended. */
async function converse(url: string, options: WebSocketOptions = {}): Promise<string> {
  await using socket = await connectWebSocket(url, options);
  const sizes = [0, 5, 125, 126, 1000, 8191, 8192, 65_535, 65_536, 300_001];
  const sent = sizes.flatMap((size) => [
    Buffer.alloc(size, 'abcdefg'),
    'xyz'.repeat(size / 3),
    'ü€'.repeat(size / 5),
  ]);
  for (const message of sent) socket.send(message);
  let count = 0;
  for await (const message of socket) {
    const expected = sent[count]!;
    const isSame =
      typeof message === 'string' || typeof expected === 'string'
        ? message === expected
        : message.equals(expected);
    if (!isSame) throw new Error(`Message ${count} came back changed.`);
    count += 1;
    if (count === sent.length) break;
  }
  await socket.ping();
  const { code, wasClean } = await socket.close(4000, 'done');
  return `${count} messages, ${code}, ${wasClean ? 'clean' : 'broken'}`;
}

const ALL_WELL = '30 messages, 4000, clean';

describe('connectWebSocket to app.ws', () => {
  const cases: readonly (readonly [string, AppListenOptions, WebSocketOptions])[] = [
    ['plain', {}, {}],
    ['compressed', {}, { compression: { thresholdBytes: 0 } }],
    ['over TLS', { tls: certificate }, { tls: { ca: certificate.cert } }],
  ];
  it.each(cases)('%s: everything comes back', async (_name, listenOptions, options) => {
    const app = new App().ws('/echo', {
      deflate: { thresholdBytes: 0 },
      message: (socket, message) => socket.send(message),
    });
    const { port } = await app.listen(listenOptions);
    const scheme = listenOptions.tls === undefined ? 'ws' : 'wss';
    expect(await converse(`${scheme}://127.0.0.1:${port}/echo`, options)).toBe(ALL_WELL);
    await app.close();
  });
});

describe('app.ws on Bun', () => {
  it.skipIf(bun === null)('everything comes back', async () => {
    const child = spawn(bun!, ['--conditions=@needletail/source', ECHO], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
      const url = `ws://127.0.0.1:${chunk.toString().trim()}/`;
      expect(await converse(url)).toBe(ALL_WELL);
      expect(await converse(url, { compression: { thresholdBytes: 0 } })).toBe(ALL_WELL);
    } finally {
      child.stdin.end();
      await once(child, 'exit');
    }
  });
});
