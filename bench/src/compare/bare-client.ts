// The least that a client on node:net can do: writes one GET, waits for the answer, writes it again. It decodes nothing, counts
// nothing but answers, and knows nothing but the length of the answer. What it costs is the runtime's and the kernel's.
//
//   node --import tsx bench/src/compare/bare-client.ts URL SECONDS CONNECTIONS [PER_SECOND]
//
// Without a rate each connection asks again at once; with one they take turns, evenly spaced.
import { connect, type Socket } from 'node:net';

const [url, seconds, connections, perSecond = '0'] = process.argv.slice(2);
const { hostname, port, pathname, host } = new URL(url!);
const endAt = performance.now() + Number(seconds) * 1000;
const request = `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: bare\r\n\r\n`;
const gapMs = Number(perSecond) === 0 ? 0 : 1000 / Number(perSecond);
const buffer = Buffer.allocUnsafe(65_536);
const sockets: Socket[] = [];
let answered = 0;
let lengthBytes = 0;

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let receivedBytes = 0;
    const socket = connect({
      host: hostname,
      port: Number(port),
      noDelay: true,
      onread: {
        buffer,
        callback(sizeBytes, chunk) {
          if (lengthBytes === 0) lengthBytes = lengthOf(chunk as Buffer, sizeBytes);
          receivedBytes += sizeBytes;
          if (receivedBytes < lengthBytes) return true;
          receivedBytes = 0;
          answered += 1;
          if (gapMs === 0 && performance.now() < endAt) socket.write(request, 'latin1');
          return true;
        },
      },
    });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}

/** Of the first answer, which came in one piece; all others are alike. */
function lengthOf(chunk: Buffer, sizeBytes: number): number {
  const text = chunk.toString('latin1', 0, sizeBytes);
  const bodyBytes = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  if (bodyBytes === undefined) throw new Error(`No Content-Length in the answer:\n${text}`);
  return text.indexOf('\r\n\r\n') + 4 + Number(bodyBytes);
}

/** Sends what is due, the connections in turn. */
function pace(startedAt: number): void {
  let sent = 0;
  const tick = (): void => {
    const now = performance.now();
    if (now >= endAt) return;
    for (; startedAt + sent * gapMs <= now; sent += 1) {
      sockets[sent % sockets.length]!.write(request, 'latin1');
    }
    setTimeout(tick, Math.max(1, startedAt + sent * gapMs - now));
  };
  tick();
}

for (let opened = 0; opened < Number(connections); opened += 1) sockets.push(await open());
if (gapMs === 0) for (const socket of sockets) socket.write(request, 'latin1');
else pace(performance.now());
setTimeout(
  () => {
    for (const socket of sockets) socket.destroy();
    process.stdout.write(`${answered} answers\n`);
  },
  endAt - performance.now() + 200,
);
