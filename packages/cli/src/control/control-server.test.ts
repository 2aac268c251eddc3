import { request } from 'node:http';
import { connect } from 'node:net';
import { RunControl, type LiveSnapshot, type Plan } from '@needletail/load';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startControlServer, type ControlServer } from './control-server.ts';

let server: ControlServer;
let control: RunControl;
let stops = 0;
beforeEach(async () => {
  control = new RunControl();
  stops = 0;
  const plan = {
    load: { kind: 'constant', users: 10, durationMs: 60_000 },
    script: null,
    maxRequests: null,
    seed: 1,
    warmupMs: 0,
  };
  control.attach({
    plan: plan as unknown as Plan,
    startedAt: performance.now() - 5000,
    steer: () => undefined,
    stop: () => (stops += 1),
  });
  const snapshot = (): LiveSnapshot => ({ elapsedMs: 5000 }) as LiveSnapshot;
  server = await startControlServer({ control, snapshot, port: 0, token: null });
});
afterEach(() => server.close());

interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly json: Readonly<Record<string, unknown>>;
}

function call(path: string, { method = 'GET', headers = {}, body }: Call = {}): Promise<Reply> {
  const url = new URL(path, server.url);
  return new Promise((resolve, reject) => {
    const authorization = `Bearer ${server.token}`;
    const sent = request(url, { method, headers: { authorization, ...headers } }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          json: JSON.parse(text) as Reply['json'],
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const post = (path: string, body?: string): Promise<Reply> =>
  call(path, { method: 'POST', ...(body === undefined ? {} : { body }) });

describe('startControlServer', () => {
  it('shows the run', async () => {
    const { status, headers, json } = await call('/status');
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(json).toMatchObject({
      state: 'running',
      users: 10,
      rate: null,
      changes: [],
      snapshot: { elapsedMs: 5000 },
    });
  });

  it('pauses, resumes, changes and ends it', async () => {
    expect((await post('/pause')).json['state']).toBe('paused');
    expect((await post('/resume', '{}')).json['state']).toBe('running');
    const { json } = await post('/users', '{"users": 25}');
    expect(json['changes']).toMatchObject([
      { action: 'pause' },
      { action: 'resume' },
      { action: 'users', value: 25 },
    ]);
    expect((await post('/stop')).json['state']).toBe('stopping');
    expect(stops).toBe(1);
  });

  it.each([
    ['GET', '/', undefined, 404, 'NO_SUCH_PATH'],
    ['POST', '/toString', undefined, 404, 'NO_SUCH_PATH'],
    ['POST', '/status', undefined, 405, 'WRONG_METHOD'],
    ['GET', '/pause', undefined, 405, 'WRONG_METHOD'],
    ['OPTIONS', '/pause', undefined, 405, 'WRONG_METHOD'],
    ['POST', '/users', undefined, 400, 'BAD_BODY'],
    ['POST', '/users', 'users=5', 400, 'BAD_BODY'],
    ['POST', '/users', '[5]', 400, 'BAD_BODY'],
    ['POST', '/users', '{"users":"5"}', 400, 'BAD_BODY'],
    ['POST', '/users', '{"users":5,"stream":7}', 400, 'BAD_BODY'],
    ['POST', '/users', '{"users":0}', 400, 'CONTROL_VALUE'],
    ['POST', '/users', '{"users":5,"stream":"x"}', 400, 'CONTROL_STREAM'],
    ['POST', '/rate', '{"rate":5}', 409, 'CONTROL_MODEL'],
    ['POST', '/users', `{"users":5,"x":"${'x'.repeat(5000)}"}`, 413, 'BODY_TOO_LARGE'],
  ])('refuses %s %s %s with %i', async (method, path, body, status, code) => {
    const reply = await call(path, { method, ...(body === undefined ? {} : { body }) });
    expect(reply).toMatchObject({ status, json: { status, code } });
    expect(reply.headers['content-type']).toBe('application/problem+json');
    if (status === 405) expect(reply.headers['allow']).toMatch(/^(?:GET|POST)$/);
    expect(control.events).toEqual([]);
  });

  it('says that the run has ended', async () => {
    control.detach();
    expect(await post('/pause')).toMatchObject({
      status: 409,
      json: { code: 'CONTROL_NOT_RUNNING' },
    });
  });

  it.each([
    ['no token', { authorization: '' }],
    ['another scheme', { authorization: 'Basic abc' }],
    ['another token', { authorization: 'Bearer abc' }],
  ])('answers 401 to %s', async (_, headers) => {
    const reply = await call('/pause', { method: 'POST', headers });
    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toBe('Bearer');
    expect(control.events).toEqual([]);
  });

  it.each(['evil.example', 'evil.example:80', '127.0.0.1', 'localhost.evil.example:1'])(
    'answers nobody who calls it %s',
    async (host) => {
      const reply = await call('/status', { headers: { host } });
      expect(reply).toMatchObject({ status: 403, json: { code: 'HOST_NOT_LOCAL' } });
    },
  );

  it('answers as localhost', async () => {
    const host = `localhost:${new URL(server.url).port}`;
    expect((await call('/status', { headers: { host } })).status).toBe(200);
  });

  it('makes up another token each time, or takes the one given', async () => {
    const options = { control, snapshot: () => null, port: 0 };
    const other = await startControlServer({ ...options, token: null });
    expect(other.token).not.toBe(server.token);
    expect(other.token.length).toBeGreaterThanOrEqual(22);
    await other.close();
    const named = await startControlServer({ ...options, token: 'mine' });
    expect(named.token).toBe('mine');
    await named.close();
  });

  it('says that the port is taken', async () => {
    const port = Number(new URL(server.url).port);
    const again = startControlServer({ control, snapshot: () => null, port, token: null });
    await expect(again).rejects.toMatchObject({ code: 'CONTROL_PORT' });
  });

  it('closes although a connection is open', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('connect', resolve));
    const other = await startControlServer({ control, snapshot: () => null, port: 0, token: null });
    await server.close();
    await closed;
    server = other;
  });
});
