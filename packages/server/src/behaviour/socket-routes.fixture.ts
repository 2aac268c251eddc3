import type { App } from '../app/app.ts';
import { HttpError } from '../app/http-error.ts';
import { refuseUpgrade } from '../websocket/upgrade-refusal.ts';

/** WebSockets of every kind, for the suite of socket-behaviour.test.ts. */
export function addSockets(app: App): void {
  app
    .ws<{ name: string }>('/ws/echo/:name', {
      protocols: ['b', 'a'],
      upgrade: (c) => ({ name: String(c.params['name']) }),
      open: (socket) => void socket.send(`hello ${socket.data.name} ${socket.protocol}`),
      message: (socket, message) => {
        if (message === 'close') return socket.close(4001, 'asked to');
        if (message === 'lose') return socket.terminate();
        return void socket.send(message);
      },
      maxMessageBytes: 400_000,
    })
    .ws('/ws/room', {
      open: (socket) => {
        socket.subscribe('room');
        void socket.send('in');
      },
      message: (socket, message) => void socket.publish('room', String(message)),
    })
    .ws('/ws/refused', { upgrade: () => refuseUpgrade(418, 'no', [['X-Why', 'tea']]) })
    .ws('/ws/thrown', {
      upgrade: () => {
        throw new HttpError(403, 'Not here.');
      },
    })
    .ws('/ws/read', {
      open: async (socket) => {
        for await (const message of socket) {
          if (message === 'end') break;
          void socket.send(`read ${String(message)}`);
        }
        socket.close(1000, 'read all');
      },
    });
}
