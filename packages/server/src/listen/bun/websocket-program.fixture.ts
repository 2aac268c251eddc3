import { App } from '../../app/app.ts';
import { refuseUpgrade } from '../../websocket/upgrade-refusal.ts';

// Serves WebSockets on Bun.serve, prints its port, and what became of each socket.
const app = new App();
app
  .ws('/echo', {
    protocols: ['b', 'a'],
    open: (socket) => void socket.send(`hello ${socket.protocol}`),
    message(socket, message) {
      if (message === 'close') socket.close(4001, 'asked to');
      else if (message === 'ping') socket.ping(Buffer.from('are you there'));
      else void socket.send(message);
    },
    close: (_, code, reason) => console.log(`closed ${code} ${reason}`),
  })
  .ws('/room', {
    open: (socket) => socket.subscribe('room'),
    message: (socket, message) => void socket.publish('room', message),
  })
  .ws('/no', { upgrade: () => refuseUpgrade(418, 'no') })
  .get('/plain', () => 'plain');
const { port } = await app.listen({ server: 'bun' });
console.log(port);
