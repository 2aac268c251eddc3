// Runs under another runtime, against the echo server of the test that started it: every path of the mask, text and bytes,
// compression, pings and the close handshake. Prints `ok` and what it ran on.
import { connectWebSocket } from './connect.ts';

const url = process.argv[2]!;
for (const compression of [false, { contextTakeover: true, thresholdBytes: 0 }]) {
  const socket = await connectWebSocket(url, { compression });
  const sizes = [0, 5, 63, 64, 65, 125, 126, 1000, 8191, 8192, 65_535, 65_536, 300_001];
  const sent = sizes.flatMap((size) => [
    Buffer.alloc(size, 'abcdefg'),
    'xyz'.repeat(size / 3),
    'ü€'.repeat(size / 5),
  ]);
  for (const message of sent) socket.send(message);
  let index = 0;
  for await (const message of socket) {
    const expected = sent[index]!;
    const isSame =
      typeof message === 'string' || typeof expected === 'string'
        ? message === expected
        : message.equals(expected);
    if (!isSame) throw new Error(`message ${index} came back changed`);
    index += 1;
    if (index === sent.length) break;
  }
  await socket.ping();
  const { code, wasClean } = await socket.close(4000, 'done');
  if (code !== 4000 || !wasClean) throw new Error(`closed with ${code}`);
}
process.stdout.write(`ok ${'bun' in process.versions ? 'bun' : 'node'}\n`);
