import {
  FieldMap,
  listen,
  RequestDecoder,
  type Link,
  type LinkHandler,
  type Listener,
} from '@needletail/wire';
import {
  answerUpgrade,
  decodeText,
  encodeUpgradeResponse,
  FrameDecoder,
  FrameEncoder,
} from '@needletail/wire/websocket';

/** A WebSocket server that sends every text back. */
export function startEchoServer(): Promise<Listener> {
  return listen({ host: '127.0.0.1', port: 0 }, echo);
}

function echo(link: Link): LinkHandler {
  const encoder = new FrameEncoder('server');
  const frames = new FrameDecoder('server', {
    onText(bytes, start, end, isAscii) {
      encoder.text(decodeText(bytes, start, end, isAscii));
    },
    onBinary() {},
    onPing: (bytes, start, end) => encoder.pong(bytes.subarray(start, end)),
    onPong() {},
    onClose() {
      encoder.close(1000, '');
      encoder.flush(link);
      link.end();
    },
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
