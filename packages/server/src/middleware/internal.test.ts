import { describe, expect, it } from 'vitest';
import { App } from '../app/app.ts';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { basicAuth } from './basic-auth.ts';
import { internal } from './internal.ts';

describe('internal()', () => {
  bothWays('says that it lives, and whether what it needs is there', async (way) => {
    let isUp = true;
    way.app().register(
      internal({
        checkTimeoutMs: 20,
        checks: {
          database: async () => isUp,
          queue: () => {
            if (!isUp) throw new Error('amqp://user:secret@host');
          },
          slow: (signal) =>
            isUp || new Promise((resolve) => signal.addEventListener('abort', resolve)),
        },
      }),
    );
    const health = await way.send('/_internal/health');
    expect([health.status, health.json()]).toEqual([200, { status: 'ok' }]);
    expect(health.headers.get('cache-control')).toBe('no-store');
    const ready = await way.send('/_internal/ready');
    expect([ready.status, ready.json()]).toEqual([
      200,
      { status: 'ready', checks: { database: 'ok', queue: 'ok', slow: 'ok' } },
    ]);
    isUp = false;
    const not = await way.send('/_internal/ready');
    expect([not.status, not.json()]).toEqual([
      503,
      { status: 'not ready', checks: { database: 'failed', queue: 'failed', slow: 'timed out' } },
    ]);
    expect((await way.send('/_internal/info')).status).toBe(404);
  });

  bothWays('tells about itself only where it is told to, and to whom', async (way) => {
    way.app().register(
      internal({
        prefix: '/ops',
        info: { version: '1.2.3' },
        infoUse: [basicAuth({ users: { a: 'b' } })],
      }),
    );
    expect((await way.send('/ops/info')).status).toBe(401);
    const headers = { Authorization: `Basic ${Buffer.from('a:b').toString('base64')}` };
    const got = await way.send({ url: '/ops/info', headers });
    expect(got.json()).toMatchObject({ version: '1.2.3', uptimeSeconds: expect.any(Number) });
    const backend = way.isSocket ? 'wire' : null;
    expect(got.json()).toMatchObject({ backend, server: way.isSocket ? expect.any(String) : null });
    expect(got.json<{ runtime: string }>().runtime).toMatch(/^(node|bun) \d/);
    expect((await way.send('/ops/health')).status).toBe(200);
  });

  it('is not ready from the moment the server is told to close', async () => {
    let tell!: () => void;
    const looked = new Promise<void>((resolve) => (tell = resolve));
    const app = new App().register(internal());
    app.on('drain', () => looked);
    const { port } = await app.listen();
    const ask = async (): Promise<number> =>
      (await fetch(`http://127.0.0.1:${port}/_internal/ready`)).status;
    expect(await ask()).toBe(200);
    const closed = app.close();
    expect(await ask()).toBe(503);
    tell();
    await closed;
    await expect(ask()).rejects.toThrow();
  });
});
