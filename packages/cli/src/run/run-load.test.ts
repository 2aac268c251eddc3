import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defineLoad } from '@needletail/load/scenario';
import { describe, expect, it } from 'vitest';
import { runLoad } from './run-load.ts';

describe('runLoad', () => {
  it('runs a definition in this process, where its functions and its application are', async () => {
    let served = 0;
    const seen: number[] = [];
    const { summary } = await runLoad(
      defineLoad({
        target: () => new Response(`${(served += 1)}`),
        load: { users: 2, duration: '30s' },
        async user({ http, iteration }) {
          seen.push(iteration);
          await http.get('/count');
        },
      }),
      { overrides: { iterations: 6 } },
    );
    expect(served).toBe(6);
    expect(seen.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(summary.ledger).toMatchObject({ scheduled: 6, ok: 6 });
  });

  it('goes over sockets to an address, connections and users as in a run of the command', async () => {
    const ports = new Set<number | undefined>();
    const server = createServer((request, response) => {
      ports.add(request.socket.remotePort);
      response.writeHead(201).end('{"id":7}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { summary } = await runLoad({
      target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      load: { users: 3, iterations: 30 },
      data: { rows: [{ sku: 1 }, { sku: 2 }] },
      async user({ http, check, data }) {
        const cart = await http.post('/cart', { json: { sku: data.sku } });
        check(cart, { created: (answer) => answer.json<{ id: number }>().id === 7 });
      },
    });
    server.close();
    expect(summary.ledger).toMatchObject({ scheduled: 30, ok: 30 });
    expect(summary.checks).toEqual([{ name: 'created', passed: 30, failed: 0 }]);
    expect(ports.size).toBe(3);
  });

  it('rejects what is neither a plan nor a definition', async () => {
    await expect(runLoad(undefined as never)).rejects.toThrow(
      'Not a load definition: what was given is undefined (runLoad).',
    );
    await expect(
      runLoad({ target: 'http://h', user: () => undefined, laod: {} } as never),
    ).rejects.toThrow('"laod" is no setting of a definition (laod). Did you mean "load"?');
  });
});
