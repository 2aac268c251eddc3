// The target of bench/src/websocket.ts, the same for every client. Two kinds:
//   ws        on `ws` without its native addons: one write per message
//   batching  on the wire of this toolkit: one write for all messages of a read, as fast servers do
import type { AddressInfo } from 'node:net';
import {
  listen,
  RequestBuilder,
  RequestDecoder,
  type Link,
  type LinkHandler,
} from '@needletail/wire';
import {
  answerUpgrade,
  encodeUpgradeResponse,
  FrameDecoder,
  FrameEncoder,
} from '@needletail/wire/websocket';
import { WebSocketServer } from 'ws';

function startWs(): void {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: false,
    maxPayload: 16 * 1024 * 1024,
  });
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
  });
  server.on('listening', () => {
    process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
  });
}

async function startBatching(): Promise<void> {
  const listener = await listen({ port: 0 }, (link) => serve(link));
  process.stdout.write(`${listener.port}\n`);
}

function serve(link: Link): LinkHandler {
  let isUpgraded = false;
  const requests = new RequestDecoder(
    new RequestBuilder({
      framing: () => 0,
      onRequest(request) {
        const answer = answerUpgrade({ method: request.method, upgrade: true }, request.fields);
        link.write(encodeUpgradeResponse(answer));
        isUpgraded = true;
        return false;
      },
    }),
  );
  const encoder = new FrameEncoder('server');
  const frames = new FrameDecoder('server', {
    onText: (bytes, start, end) => encoder.textBytes(Buffer.from(bytes.subarray(start, end))),
    onBinary: (bytes, start, end) => encoder.binary(Buffer.from(bytes.subarray(start, end))),
    onPing: (bytes, start, end) => encoder.pong(bytes.subarray(start, end)),
    onPong() {},
    onClose: () => link.end(),
  });
  return {
    onOpen() {},
    onBytes(buffer, end) {
      if (!isUpgraded) return void requests.feed(buffer, 0, end);
      frames.feed(buffer, 0, end);
      encoder.flush(link);
    },
    onDrain() {},
    onEnd: () => link.end(),
    onClose() {},
  };
}

if (process.argv[2] === 'ws') startWs();
else await startBatching();
