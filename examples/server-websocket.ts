// A chat: rooms are topics, a message is encoded once however many listen, and strangers are not let in.
//   npx tsx examples/server-websocket.ts
import assert from 'node:assert/strict';
import { Client } from '@needletail/client';
import { App, refuseUpgrade } from '@needletail/server';

const app = new App().ws<{ name: string; room: string }>('/rooms/:room', {
  upgrade(c) {
    const name = c.header('x-name');
    if (name === null) return refuseUpgrade(401, 'say who you are');
    return { name, room: c.params['room'] ?? '' };
  },
  open(socket) {
    socket.subscribe(socket.data.room);
  },
  message(socket, message) {
    app.sockets.publish(socket.data.room, `${socket.data.name}: ${String(message)}`);
  },
});

const { port } = await app.listen({ port: 0 });
await using client = new Client({ baseUrl: `http://127.0.0.1:${port}` });
const enter = (name: string): ReturnType<Client['websocket']> =>
  client.websocket('/rooms/blue', { headers: { 'X-Name': name } });

const [ada, grace] = await Promise.all([enter('ada'), enter('grace')]);
ada.send('hello');
for (const socket of [ada, grace]) {
  for await (const message of socket) {
    console.log(message);
    assert.equal(message, 'ada: hello');
    break;
  }
}
await assert.rejects(client.websocket('/rooms/blue'));
assert.equal(app.sockets.subscriberCount('blue') <= 2, true);
await app.close();
