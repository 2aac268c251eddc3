// Load as one of your tests: an application in this process without a socket, and the same over one.
//   npx vitest run --config examples/vitest/vitest.config.ts
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defineLoad, runLoad } from 'needletail';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The application under test: a fetch handler, as of Hono, Bun.serve or Deno. */
function app(request: Request): Response {
  const { pathname } = new URL(request.url);
  return pathname === '/cart'
    ? Response.json({ id: 7 }, { status: 201 })
    : new Response('no', { status: 404 });
}

describe('the shop', () => {
  it('takes carts, within this process', async () => {
    const { summary } = await runLoad(
      defineLoad({
        target: app,
        load: { users: 5, iterations: 200 },
        async user({ http, check }) {
          const cart = await http.post('/cart', { json: { sku: 42 } });
          check(cart, { created: (response) => response.status === 201 });
        },
      }),
    );
    expect(summary.ledger).toMatchObject({ scheduled: 200, ok: 200 });
    expect(summary.checks).toEqual([{ name: 'created', passed: 200, failed: 0 }]);
  });

  describe('over a socket', () => {
    let server: Server;
    let target: string;
    beforeAll(async () => {
      server = createServer((_, response) => response.writeHead(201).end('{"id":7}'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => {
      server.close();
      server.closeAllConnections();
    });

    it('takes 100 carts per second', async () => {
      const { summary } = await runLoad(
        defineLoad({
          target,
          load: { rate: 100, duration: '1s' },
          user: ({ http }) => http.post('/cart', { json: { sku: 42 } }),
        }),
      );
      expect(summary.ledger).toMatchObject({ scheduled: 100, ok: 100 });
      // Not `pass`: a busy machine may make the measurement itself invalid.
      expect(summary.verdict.status).not.toBe('fail');
    });
  });
});
