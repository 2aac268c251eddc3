import { describe, expect, it } from 'vitest';
import { get, post, statuses } from '../listen/raw-client.fixture.ts';
import { CLOSED_TEXT, TEXT, TestServer } from '../listen/wire-test-server.fixture.ts';
import { AppUnderTest } from './app-under-test.fixture.ts';
import { SMUGGLED, SMUGGLING, UNSUPPORTED } from './smuggling.fixture.ts';

const LAST = get('/last', 'Connection: close\r\n');

/** What was asked for, and a way to send bytes to who is asked. */
interface Target {
  readonly asked: string[];
  readonly exchange: (bytes: string) => Promise<string>;
}

function describeSmuggling(start: () => Promise<Target>): void {
  it.each(SMUGGLING)('%s is refused with 400 and a closed connection', async (_, bytes) => {
    const { asked, exchange } = await start();
    const text = await exchange(bytes + SMUGGLED);
    expect(statuses(text)).toEqual([400]);
    expect(text).toMatch(CLOSED_TEXT);
    expect(text.split('\r\n\r\n')[1]).toMatch(/^Bad Request: [A-Z_0-9]+\n$/);
    expect(asked).not.toContain('/smuggled');
  });

  it.each(UNSUPPORTED)(
    '%s is refused with %i and a closed connection',
    async (_, status, bytes) => {
      const { asked, exchange } = await start();
      const text = await exchange(bytes + SMUGGLED);
      expect(statuses(text)).toEqual([status]);
      expect(text).toMatch(CLOSED_TEXT);
      expect(asked).not.toContain('/smuggled');
    },
  );

  it.each(['GET', 'HEAD', 'OPTIONS', 'DELETE', 'POST'])(
    'CL.0 and 0.CL: what %s has for a body is no request, though no handler reads it',
    async (method) => {
      const { asked, exchange } = await start();
      const text = await exchange(post('/unread', SMUGGLED).replace('POST', method) + LAST);
      expect(statuses(text)).toEqual([200, 200]);
      expect(asked).toEqual(['/unread', '/last']);
    },
  );

  it.each(['GET', 'OPTIONS', 'POST'])('TE.0: neither is what %s has in chunks', async (method) => {
    const { asked, exchange } = await start();
    const head = `${method} /unread HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunk = `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`;
    expect(statuses(await exchange(head + chunk + LAST))).toEqual([200, 200]);
    expect(asked).toEqual(['/unread', '/last']);
  });

  it('an underscore is no hyphen: Transfer_Encoding and Content_Length frame nothing', async () => {
    const { asked, exchange } = await start();
    const fields = 'Transfer_Encoding: chunked\r\nContent_Length: 0\r\n';
    expect(statuses(await exchange(post('/read', SMUGGLED, fields) + LAST))).toEqual([200, 200]);
    expect(asked).toEqual(['/read', '/last']);
  });

  it('the host of an absolute target counts, not the field', async () => {
    const { exchange } = await start();
    const text = await exchange(
      'GET http://inner:81/host HTTP/1.1\r\nHost: outer\r\nConnection: close\r\n\r\n',
    );
    expect(text.split('\r\n\r\n')[1]).toBe('inner:81');
  });

  it('nothing is taken after a request that announced the end', async () => {
    const { asked, exchange } = await start();
    expect(statuses(await exchange(LAST + SMUGGLED))).toEqual([200]);
    expect(asked).toEqual(['/last']);
  });

  it('what came before the fault is answered, in order', async () => {
    const { exchange } = await start();
    const text = await exchange(`${get('/read')}${get('/unread')}GARBAGE\r\n\r\n${SMUGGLED}`);
    expect(statuses(text)).toEqual([200, 200, 400]);
  });
}

describe('request smuggling: a connection', () => {
  const server = new TestServer();
  describeSmuggling(async () => {
    const asked: string[] = [];
    await server.start(async (request, reply) => {
      asked.push(request.target);
      if (request.target === '/unread' || request.target === '/last') {
        return reply.send(200, TEXT, '');
      }
      await request.body.bytes();
      reply.send(200, TEXT, request.headers.get('host'));
    });
    return { asked, exchange: (bytes) => server.exchange(bytes) };
  });
});

describe('request smuggling: an application', () => {
  const server = new AppUnderTest();
  describeSmuggling(async () => {
    const asked: string[] = [];
    await server.start((app) => {
      app.on('request', (c) => void asked.push(c.path));
      app.all('/unread', () => '').head('/unread', () => '');
      app.get('/last', () => '');
      app.get('/host', (c) => c.host);
      app.all('/*', async (c) => {
        await c.read.bytes();
        return c.host;
      });
    });
    return { asked, exchange: (bytes) => server.exchange(bytes) };
  });
});
