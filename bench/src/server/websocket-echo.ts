// A WebSocket echo server in a process of its own: prints its port, ends with stdin.
import { App } from '@needletail/server';

const app = new App().ws('/', {
  deflate: { thresholdBytes: 0 },
  message: (socket, message) => socket.send(message),
});
const { port } = await app.listen({ server: 'wire' });
process.stdout.write(`${port}\n`);
process.stdin.resume().on('end', () => process.exit(0));
