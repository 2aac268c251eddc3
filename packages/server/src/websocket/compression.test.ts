import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { PerMessageDeflateOptions } from 'ws';
import { frame, handshake, RawSocket } from './raw-socket.fixture.ts';
import { echo, messages, SocketTestServer } from './socket-test-server.fixture.ts';

const server = new SocketTestServer();

const SIZES = [0, 16, 64, 256, 1023, 1024, 1025, 4096, 65_535, 65_536, 500_000];

/** The header by which a client offers, and the one by which it is answered. */
async function answerTo(offer: string): Promise<string | null> {
  const client = new RawSocket(server.listening.port);
  client.write(handshake(`Sec-WebSocket-Extensions: ${offer}\r\n`));
  await client.until(() => client.head.includes('\r\n\r\n'));
  client.terminate();
  return /Sec-WebSocket-Extensions: (.*)\r\n/.exec(client.head)?.[1] ?? null;
}

describe('option deflate', () => {
  const offers: readonly (readonly [string, PerMessageDeflateOptions])[] = [
    ['as ws offers it', {}],
    ['with small windows', { serverMaxWindowBits: 9, clientMaxWindowBits: 9 }],
    [
      'with the smallest window for the server, who does not compress then',
      { serverMaxWindowBits: 8 },
    ],
    ['without contexts', { serverNoContextTakeover: true, clientNoContextTakeover: true }],
  ];
  it.each(offers)('has messages come back as they were, %s', async (_name, perMessageDeflate) => {
    await server.start({ deflate: true, message: echo });
    const client = await server.connect({
      perMessageDeflate: { threshold: 0, ...perMessageDeflate },
    });
    expect(client.extensions).toContain('permessage-deflate');
    const sent = SIZES.flatMap((size) => [
      'compress me! '.repeat(size / 13),
      Buffer.from(new Uint8Array(size).map((_, at) => (at * at * 31) >> 3))
        .toString('hex')
        .slice(0, size),
    ]);
    for (const one of sent) client.send(one);
    const got = await messages(client, sent.length);
    expect(got.map((one) => one.length)).toEqual(sent.map((one) => one.length));
    expect(got.every((one, index) => one === sent[index])).toBe(true);
  });

  it.each([
    [
      'permessage-deflate',
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    ],
    [
      'permessage-deflate; client_max_window_bits',
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    ],
    [
      'permessage-deflate; server_max_window_bits=10',
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10',
    ],
    [
      'permessage-deflate; nonsense, permessage-deflate',
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    ],
    ['permessage-deflate; server_max_window_bits=7', null],
    ['permessage-deflate; client_max_window_bits=16', null],
    ['permessage-deflate; server_no_context_takeover; server_no_context_takeover', null],
    ['x-webkit-deflate-frame', null],
  ])('answers %s', async (offer, answer) => {
    await server.start({ deflate: true });
    expect(await answerTo(offer)).toBe(answer);
  });

  it('is off unless set', async () => {
    await server.start({});
    expect(await answerTo('permessage-deflate')).toBeNull();
  });

  it('sends messages below the threshold as they are', async () => {
    await server.start({
      deflate: { thresholdBytes: 100 },
      message: (socket) => [socket.send('a'.repeat(99)), socket.send('a'.repeat(100))],
    });
    const client = new RawSocket(server.listening.port);
    const bytes: Buffer[] = [];
    client.write(handshake('Sec-WebSocket-Extensions: permessage-deflate\r\n'));
    await client.until(() => client.head.includes('\r\n\r\n'));
    client.socket.removeAllListeners('data').on('data', (chunk: Buffer) => void bytes.push(chunk));
    client.write(frame({ opcode: 1, payload: 'go' }));
    const deflated = deflateRawSync('a'.repeat(100), { finishFlush: 2 /* Z_SYNC_FLUSH */ });
    const expected = Buffer.concat([
      Buffer.from([0x81, 99]),
      Buffer.from('a'.repeat(99)),
      Buffer.from([0xc1, deflated.length - 4]),
      deflated.subarray(0, -4),
    ]);
    await server.until(() => Buffer.concat(bytes).length >= expected.length);
    expect(Buffer.concat(bytes)).toEqual(expected);
    client.terminate();
  });

  it('inflates messages that come in fragments, with pings between them', async () => {
    await server.start({ deflate: true, message: echo });
    const client = await server.raw('Sec-WebSocket-Extensions: permessage-deflate\r\n');
    const payload = deflateRawSync('cut to pieces', { finishFlush: 2 }).subarray(0, -4);
    client.write(
      Buffer.concat([
        frame({ opcode: 1, reserved: 4, isFinal: false, payload: payload.subarray(0, 3) }),
        frame({ opcode: 9, payload: 'p' }),
        frame({ opcode: 0, isFinal: false, payload: payload.subarray(3, 3) }),
        frame({ opcode: 0, payload: payload.subarray(3) }),
      ]),
    );
    await client.until(() => client.events.length === 2);
    expect(client.events).toEqual(['pong p', 'text cut to pieces']);
  });
});
