// One fresh process of bench/src/websocket.ts: echoes `rounds` times `window` messages of `size` bytes, checks what comes
// back, and prints the processor time it took, in microseconds.
//
//   node --import tsx websocket-echo-client.ts <needletail|ws> <port> <text|binary> <size> <window> <rounds>
import { WebSocket } from 'ws';
import { connectWebSocket } from '@needletail/client/websocket';

const [library, port, kind, sizeText, windowText, roundsText] = process.argv.slice(2);
const url = `ws://127.0.0.1:${port}/`;
const sizeBytes = Number(sizeText);
const window = Number(windowText);
const rounds = Number(roundsText);
const text = 'x'.repeat(sizeBytes);
const message = kind === 'text' ? text : Buffer.from(text);

interface Echoer {
  send(): void;
  readonly close: () => void;
}

/** Sends a window, waits for all of it, and sends the next. */
function run(make: (received: (length: number) => void) => Promise<Echoer>): Promise<void> {
  return new Promise((resolve, reject) => {
    let waiting = window;
    let left = rounds;
    let echoer: Echoer | null = null;
    const sendWindow = (): void => {
      for (let count = 0; count < window; count += 1) echoer!.send();
    };
    const received = (length: number): void => {
      if (length !== sizeBytes) return reject(new Error(`an echo of ${length} bytes`));
      waiting -= 1;
      if (waiting > 0) return;
      waiting = window;
      left -= 1;
      if (left > 0) return sendWindow();
      echoer!.close();
      resolve();
    };
    make(received).then((made) => {
      echoer = made;
      sendWindow();
    }, reject);
  });
}

async function needletail(received: (length: number) => void): Promise<Echoer> {
  const socket = await connectWebSocket(url);
  socket.onMessage = (data) => received(data.length);
  return { send: () => void socket.send(message), close: () => void socket.close() };
}

async function ws(received: (length: number) => void): Promise<Echoer> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await new Promise((resolve) => socket.on('open', resolve));
  // As a string where it is text: that is what our side is given.
  socket.on('message', (data, isBinary) => {
    received(isBinary ? (data as Buffer).length : (data as Buffer).toString().length);
  });
  return { send: () => socket.send(message), close: () => socket.close() };
}

const startedAt = process.cpuUsage();
await run(library === 'ws' ? ws : needletail);
const { user, system } = process.cpuUsage(startedAt);
process.stdout.write(`${user + system}\n`);
