import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { refuseUpgrade } from '../websocket/upgrade-refusal.ts';
import { App } from './app.ts';
import { HttpError } from './http-error.ts';

const open: App[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close({ graceMs: 0 })));
});

async function start(app: App): Promise<string> {
  open.push(app);
  const { port } = await app.listen();
  return `127.0.0.1:${port}`;
}

async function refusalOf(url: string): Promise<number> {
  const socket = new WebSocket(url).on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode: number; resume(): void },
  ];
  response.resume();
  socket.terminate();
  return response.statusCode;
}

describe('app.ws()', () => {
  it('gives the route its parameters, data and topics', async () => {
    const app = new App({ state: { greeting: 'hello' } });
    app.ws<{ room: string }>('/chat/:room', {
      upgrade: (c) => ({ room: `${c.state.greeting} ${c.params['room']}` }),
      open: (socket) => socket.subscribe('all'),
      message: (socket, message) => socket.send(`${socket.data.room}: ${String(message)}`),
    });
    const host = await start(app);
    const socket = new WebSocket(`ws://${host}/chat/blue`);
    await once(socket, 'open');
    socket.send('hi');
    expect(String((await once(socket, 'message'))[0])).toBe('hello blue: hi');
    expect(app.sockets.publish('all', 'news')).toBe(1);
    expect(String((await once(socket, 'message'))[0])).toBe('news');
    const closed = once(socket, 'close');
    await app.close();
    expect((await closed)[0]).toBe(1001);
  });

  it('runs the middleware of its scope first, which may refuse', async () => {
    const statuses: number[] = [];
    const app = new App().on('response', (_, { status }) => void statuses.push(status));
    app
      .group('/private')
      .use((c, next) => {
        if (c.header('authorization') === null) throw new HttpError(401);
        return next();
      })
      .ws('/feed', { open() {} });
    app.ws('/odd', { upgrade: () => refuseUpgrade(418, 'no') });
    const host = await start(app);
    expect(await refusalOf(`ws://${host}/private/feed`)).toBe(401);
    expect(await refusalOf(`ws://${host}/odd`)).toBe(418);
    expect(await refusalOf(`ws://${host}/nowhere`)).toBe(404);
    const socket = new WebSocket(`ws://${host}/private/feed`, { headers: { authorization: 'x' } });
    await once(socket, 'open');
    socket.terminate();
    expect(statuses).toEqual([401, 418, 404, 101]);
  });

  it('tells GET without a handshake to upgrade, unless a route has the path', async () => {
    const app = new App()
      .ws('/a', { open() {} })
      .ws('/b', { open() {} })
      .get('/b', () => 'page');
    expect((await app.inject('/a')).status).toBe(426);
    expect((await app.inject('/b')).text()).toBe('page');
  });

  it('calls the hooks of its scopes', async () => {
    const seen: string[] = [];
    const app = new App()
      .on('ws:open', () => void seen.push('open'))
      .on('ws:message', (_, message) => (message === 'stop' ? false : undefined))
      .on('ws:close', (_, code) => void seen.push(`close ${code}`))
      .ws('/', { message: (socket, message) => socket.send(message) });
    const socket = new WebSocket(`ws://${await start(app)}/`);
    await once(socket, 'open');
    socket.send('stop');
    socket.send('go');
    expect(String((await once(socket, 'message'))[0])).toBe('go');
    socket.close(1000);
    await once(socket, 'close');
    await expect.poll(() => seen).toEqual(['open', 'close 1000']);
  });
});
