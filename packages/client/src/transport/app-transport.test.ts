import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { AbortedError, AppError } from '../errors.ts';
import { DEFAULT_TIMEOUTS } from '../model/timeouts.ts';
import { appTransport, type FetchApp } from './app-transport.ts';
import { listenerTransport, type NodeListener } from './listener-transport.ts';
import { pulledBody, textBody, textFrom } from './test-request.fixture.ts';
import type { Transport } from './transport.ts';

/** The same small application in both forms. */
const fetchApp = async (request: Request): Promise<Response> => {
  const { pathname, search } = new URL(request.url);
  const { signal } = request;
  switch (pathname) {
    case '/echo': {
      const text = await request.text();
      const fields = ['host', 'x-a', 'content-length'].map((name) => request.headers.get(name));
      const cookies: [string, string][] = [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ];
      const body = JSON.stringify([request.method, pathname + search, fields, text]);
      return new Response(body, { status: 201, headers: cookies });
    }
    case '/throw':
      throw new RangeError('mine');
    case '/empty':
      return new Response(null, { status: 204 });
    case '/hang':
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    default: {
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (let turn = 0; ; turn += 1) {
          if (pathname === '/break' && turn === 2) throw new RangeError('half way');
          yield Buffer.from(`piece ${turn};`);
          if (pathname === '/stall' && turn === 1) await wait(60_000, undefined, { signal });
        }
      }
      return new Response(ReadableStream.from(endless()));
    }
  }
};

const listener: NodeListener = async (request, response) => {
  const { pathname } = new URL(request.url!, 'http://h');
  switch (pathname) {
    case '/echo': {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const { headers } = request;
      const fields = [headers.host, headers['x-a'], headers['content-length'] ?? null];
      response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'] });
      response.end(JSON.stringify([request.method, request.url, fields, text]));
      return;
    }
    case '/throw':
      throw new RangeError('mine');
    case '/empty':
      response.writeHead(204).end();
      return;
    case '/hang':
      return;
    default:
      for (let turn = 0; ; turn += 1) {
        if (pathname === '/break' && turn === 2) throw new RangeError('half way');
        if (response.destroyed) return;
        if (!response.write(`piece ${turn};`)) {
          await new Promise<void>((resolve) => {
            response.once('drain', resolve);
            response.once('close', resolve);
          });
        }
        if (pathname === '/stall' && turn === 1) return;
        await wait(1);
      }
  }
};

const forms: [name: string, open: () => Transport][] = [
  ['appTransport', () => appTransport(fetchApp)],
  ['listenerTransport', () => listenerTransport(listener)],
];

describe.each(forms)('%s', (name, open) => {
  // Bun's http server takes connections from its own sockets only.
  const run = name === 'listenerTransport' && 'bun' in process.versions ? it.skip : it;

  run(
    'hands over method, target, fields and body, and gives back what the application says',
    async () => {
      const headers = { 'X-A': 'b' };
      const body = textBody('héllo');
      const request = makeRequest('http://app.test:81/echo?q=1', { method: 'POST', headers, body });
      const response = await open().send(request);
      expect(response.status).toBe(201);
      expect(response.headers.getAll('set-cookie')).toEqual(['a=1', 'b=2']);
      expect(JSON.parse(await textFrom(response))).toEqual([
        'POST',
        '/echo?q=1',
        ['app.test:81', 'b', '6'],
        'héllo',
      ]);
    },
  );

  run('streams a body whose length nobody knows', async () => {
    const body = pulledBody(['one ', 'two ', 'three']);
    const response = await open().send(makeRequest('http://h/echo', { method: 'PUT', body }));
    expect(JSON.parse(await textFrom(response))).toEqual([
      'PUT',
      '/echo',
      ['h', null, null],
      'one two three',
    ]);
  });

  run('gives no body where there is none', async () => {
    expect((await open().send(makeRequest('http://h/empty'))).body).toHaveLength(0);
    const head = await open().send(makeRequest('http://h/echo', { method: 'HEAD' }));
    expect([head.status, await textFrom(head)]).toEqual([201, '']);
  });

  run('has what the application throws as the cause', async () => {
    const sent = open().send(makeRequest('http://h/throw'));
    await expect(sent).rejects.toBeInstanceOf(AppError);
    await expect(sent).rejects.toMatchObject({
      code: 'APP_FAILED',
      phase: 'head',
      cause: { message: 'mine' },
      url: 'http://h/throw',
    });
  });

  run('has what the application throws half way as the cause, after what came before', async () => {
    const { body } = await open().send(makeRequest('http://h/break'));
    const seen: string[] = [];
    const reading = (async () => {
      for await (const chunk of body as AsyncIterable<Buffer>) seen.push(chunk.toString());
    })();
    await expect(reading).rejects.toMatchObject({
      code: 'APP_FAILED',
      cause: { message: 'half way' },
    });
    expect(seen.join('')).toMatch(/^piece 0;/);
  });

  run('streams a body as it is made, and lets go of it when the reader leaves', async () => {
    const { body } = await open().send(makeRequest('http://h/endless'));
    let text = '';
    for await (const chunk of body as AsyncIterable<Buffer>) {
      text += chunk.toString();
      if (text.includes('piece 3;')) break;
    }
    expect(text).toMatch(/^piece 0;piece 1;piece 2;piece 3;/);
  });

  run('ends when the signal aborts, before the head and in the body', async () => {
    const first = new AbortController();
    const sent = open().send(makeRequest('http://h/hang', { signal: first.signal }));
    setImmediate(() => first.abort());
    await expect(sent).rejects.toBeInstanceOf(AbortedError);
    const second = new AbortController();
    const response = await open().send(makeRequest('http://h/stall', { signal: second.signal }));
    const reading = textFrom(response);
    setImmediate(() => second.abort());
    await expect(reading).rejects.toBeInstanceOf(AbortedError);
  });

  run('ends when the application is silent for too long', async () => {
    const timeouts = { ...DEFAULT_TIMEOUTS, read: 20 };
    const sent = open().send(makeRequest('http://h/hang', { timeouts }));
    await expect(sent).rejects.toMatchObject({ code: 'READ_TIMEOUT', phase: 'head' });
    const stalled = await open().send(makeRequest('http://h/stall', { timeouts }));
    await expect(textFrom(stalled)).rejects.toMatchObject({ code: 'READ_TIMEOUT', phase: 'body' });
  });

  run('ends what is under way when it is closed, and takes no more', async () => {
    const transport = open();
    const sent = transport.send(makeRequest('http://h/hang'));
    const outcome = expect(sent).rejects.toBeInstanceOf(Error);
    setTimeout(() => void transport.close(), 5);
    await outcome;
    await expect(transport.send(makeRequest('http://h/echo'))).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
    });
  });
});

describe('appTransport', () => {
  it('tells the application that the caller has left', async () => {
    const controller = new AbortController();
    let isTold = false;
    const app: FetchApp = {
      fetch: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            isTold = true;
            reject(new Error('told'));
          });
        }),
    };
    const sent = appTransport(app).send(makeRequest('http://h/', { signal: controller.signal }));
    setImmediate(() => controller.abort());
    await expect(sent).rejects.toBeInstanceOf(AbortedError);
    expect(isTold).toBe(true);
  });

  it('tells the application that nobody wants the body, also before it was read', async () => {
    const reasons: unknown[] = [];
    const app = ({ signal }: Request): Response => {
      signal.addEventListener('abort', () => reasons.push(signal.reason));
      return new Response(
        new ReadableStream({ pull: (stream) => stream.enqueue(Buffer.from('x')) }),
      );
    };
    const { body } = await appTransport(app).send(makeRequest('http://h/'));
    (body as { cancel(): void }).cancel();
    expect(reasons).toHaveLength(1);
  });

  it('refuses what a Request cannot carry', async () => {
    const request = makeRequest('http://h/', { method: 'TRACE' });
    await expect(appTransport(fetchApp).send(request)).rejects.toMatchObject({
      code: 'UNSENDABLE',
    });
  });

  it('refuses an application that gives no Response', async () => {
    const app = (() => ({ status: 200 })) as unknown as FetchApp;
    const sent = appTransport(app).send(makeRequest('http://h/'));
    await expect(sent).rejects.toThrow('gave no Response');
  });
});
