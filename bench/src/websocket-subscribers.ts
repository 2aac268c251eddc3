// One fresh process of bench/src/server-websocket.ts: so many WebSockets to a server. Prints a line when all are open, and after
// each line on stdin, a number, how long that many messages to everybody took until the last of them had it.
//
//   node --import tsx websocket-subscribers.ts <port> <subscribers>
import { createInterface } from 'node:readline';
import { Dialer, type Link } from '@needletail/wire';
import { encodeUpgradeRequest, FrameEncoder } from '@needletail/wire/websocket';
import { median } from './compare/median.ts';

const [port, count] = process.argv.slice(2).map(Number) as [number, number];
const MESSAGE = `all ${'x'.repeat(96)}`;
/** A header of two bytes. */
const FRAME_BYTES = MESSAGE.length + 2;
const AT_ONCE = 200;

const dialer = new Dialer({ host: '127.0.0.1', port, addresses: ['127.0.0.1'] });
let receivedBytes = 0;
let onReceived = (): void => {};

function open(): Promise<Link> {
  const { head } = encodeUpgradeRequest({ target: '/', host: `127.0.0.1:${port}` });
  return new Promise((resolve, reject) => {
    let isUpgraded = false;
    const link = dialer.connect({
      onOpen: () => void link.write(head),
      onBytes(_buffer, end) {
        if (isUpgraded) {
          receivedBytes += end;
          onReceived();
        } else {
          isUpgraded = true;
          resolve(link);
        }
      },
      onDrain() {},
      onEnd: () => link.destroy(),
      onClose: (error) => reject(error ?? new Error('The server closed.')),
    });
  });
}

async function broadcast(link: Link): Promise<number> {
  const encoder = new FrameEncoder('client');
  encoder.text(MESSAGE);
  receivedBytes = 0;
  const startedAt = performance.now();
  await new Promise<void>((resolve) => {
    onReceived = () => {
      if (receivedBytes === FRAME_BYTES * count) resolve();
    };
    encoder.flush(link);
  });
  return performance.now() - startedAt;
}

const links: Link[] = [];
while (links.length < count) {
  const batch = Math.min(AT_ONCE, count - links.length);
  links.push(...(await Promise.all(Array.from({ length: batch }, () => open()))));
}
process.stdout.write('{}\n');
for await (const line of createInterface({ input: process.stdin })) {
  const times: number[] = [];
  for (let left = Number(line); left > 0; left -= 1) times.push(await broadcast(links[0]!));
  process.stdout.write(
    `${JSON.stringify({ medianMs: median(times), worstMs: Math.max(...times) })}\n`,
  );
}
process.exit(0);
