// A conversation over WebSocket that outlives its connections: the server goes away once, nothing is missed.
//   npx tsx examples/client-websocket.ts
import { FieldMap, listen, RequestDecoder, type Link, type LinkHandler } from '@needletail/wire';
import {
  answerUpgrade,
  decodeText,
  encodeUpgradeResponse,
  FrameDecoder,
  FrameEncoder,
} from '@needletail/wire/websocket';
import { reconnectingWebSocket } from '@needletail/client/websocket';

/** Counts from where it is asked to, and goes away after every third number. */
function countingServer(link: Link): LinkHandler {
  const encoder = new FrameEncoder('server');
  const frames = new FrameDecoder('server', {
    onText(bytes, start, end, isAscii) {
      const after = Number(decodeText(bytes, start, end, isAscii));
      for (let count = after + 1; count <= after + 3; count += 1) encoder.text(`${count}`);
      encoder.close(after < 6 ? 1012 : 1000, after < 6 ? 'restarting' : 'that was all');
    },
    onBinary() {},
    onPing: (bytes, start, end) => encoder.pong(bytes.subarray(start, end)),
    onPong() {},
    onClose: () => link.end(),
  });
  let isUpgraded = false;
  const requests = new RequestDecoder({
    onHead(head) {
      const { method, upgrade } = head;
      const answer = answerUpgrade({ method, upgrade }, FieldMap.ofHead(head.rawHead()));
      link.write(encodeUpgradeResponse(answer));
      isUpgraded = true;
      return 2;
    },
    onBody() {},
    onEnd: () => false,
  });
  return {
    onOpen() {},
    onBytes(buffer, end) {
      const used = isUpgraded ? 0 : requests.feed(buffer, 0, end);
      frames.feed(buffer, used, end);
      encoder.flush(link);
    },
    onDrain() {},
    onEnd: () => link.end(),
    onClose() {},
  };
}

const listener = await listen({ port: 0 }, countingServer);
let last = 0;
const socket = reconnectingWebSocket(`ws://127.0.0.1:${listener.port}/`, {
  minMs: 20,
  onReconnect(connection, count) {
    console.log(`connection ${count}, after ${last}`);
    connection.send(`${last}`);
  },
});
for await (const message of socket) {
  last = Number(message);
  console.log(last);
}
await listener.close();
if (last !== 9) throw new Error(`The last number was ${last}, not 9.`);
