// A conversation over a WebSocket: the handshake and each question with its answer are requests of the report.
//   npx needletail run examples/scenarios/websocket.ts
import type { Listener } from '@needletail/wire';
import { defineLoad } from 'needletail';
import { startEchoServer } from './servers/echo-server.ts';

// So that the example stands alone; yours has a server.
let server: Listener | null = null;

export default defineLoad({
  target: 'http://127.0.0.1',
  load: { users: 3, iterations: 30 },
  async setup() {
    server = await startEchoServer();
    return { url: `ws://127.0.0.1:${server.port}/chat` };
  },
  async user({ http, check, shared, iteration }) {
    const socket = await http.websocket(shared.url, { name: 'WS /chat' });
    for (let turn = 0; turn < 3; turn += 1) {
      const answer = await socket.ask(`${iteration}.${turn}`);
      check(answer, { 'is an echo': (data) => data === `${iteration}.${turn}` });
    }
    await socket.close();
  },
  teardown: () => server?.close(),
});
