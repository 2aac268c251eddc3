import { FieldMap } from '@needletail/wire';
import { describe, expect, it } from 'vitest';
import { Client } from '../client.ts';
import { ConnectError, DecodingError } from '../errors.ts';
import { makeRequest } from '../model/client-request.fixture.ts';
import { mock } from './mock-transport.ts';
import { sendTo } from './send-to.ts';
import type { Transport, TransportResponse } from './transport.ts';
import { open, scripted } from './wire-scene.fixture.ts';
import { answering, HELLO_ANSWER } from './wire-setup.fixture.ts';

/** What a receiver was told, and whether that was before the call returned. */
async function toldOf(transport: Transport, url: string): Promise<TransportResponse | Error> {
  return new Promise((resolve) => {
    sendTo(transport, makeRequest(url), { answered: resolve, failed: resolve });
  });
}

describe('sendTo', () => {
  it('tells of the answer and of the failure of a transport with promises', async () => {
    const answer = await toldOf(
      mock(() => ({ status: 204 })),
      'http://h/',
    );
    expect(answer).toMatchObject({ status: 204 });
    const failure = new ConnectError({
      code: 'CONNECT_FAILED',
      phase: 'connect',
      problem: 'Not connected',
      reason: 'it is a test',
      remedy: 'None',
    });
    const failing: Transport = {
      send: () => Promise.reject(failure),
      close: () => Promise.resolve(),
    };
    expect(await toldOf(failing, 'http://h/')).toBe(failure);
  });

  it('tells of the answer over the wire as send does', async () => {
    const server = await scripted(answering(HELLO_ANSWER));
    const transport = open();
    const promised = await transport.send(makeRequest(server.url));
    const told = (await toldOf(transport, server.url)) as TransportResponse;
    expect(told).toMatchObject({ status: promised.status, reason: promised.reason });
    expect([...told.headers]).toEqual([...promised.headers]);
    expect(told.body).toEqual(promised.body);
  });

  it('does not throw for a request that cannot be written', async () => {
    const server = await scripted(answering(HELLO_ANSWER));
    const transport = open();
    const refused = await new Promise((resolve) => {
      const request = makeRequest(server.url, { method: 'CONNECT' });
      sendTo(transport, request, { answered: resolve, failed: resolve });
    });
    expect(refused).toBeInstanceOf(Error);
  });

  it('lets a call fail whose answer cannot be decoded, and the next one pass', async () => {
    const bad = 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello';
    const server = await scripted(answering(bad));
    const client = new Client({ transport: open(), baseUrl: server.url });
    await expect(client.get('/')).rejects.toBeInstanceOf(DecodingError);
    const plain = await client.get('/', { decompress: false });
    expect(plain.text()).toBe('hello');
  });

  it('heeds what a transport around the wire puts in place of the fields', async () => {
    const server = await scripted(answering(HELLO_ANSWER));
    const wire = open();
    const around: Transport = {
      send: async (request) => ({
        ...(await wire.send(request)),
        headers: new FieldMap('Set-Cookie: a=1'),
      }),
      close: () => Promise.resolve(),
    };
    const client = new Client({ transport: around, baseUrl: server.url });
    const answer = await client.get('/');
    expect([answer.status, answer.reason, answer.httpVersion]).toEqual([200, 'OK', '1.1']);
    expect(client.cookies.isEmpty).toBe(false);
  });

  it('gives answers with the same head bodies of their own', async () => {
    let count = 0;
    const server = await scripted((connection) => {
      count += 1;
      const cookie = count === 3 ? 'Set-Cookie: a=1\r\n' : '';
      connection.socket.write(`HTTP/1.1 200 OK\r\n${cookie}Content-Length: 1\r\n\r\n${count}`);
    });
    const client = new Client({ transport: open(), baseUrl: server.url });
    const answers = [];
    for (let round = 0; round < 5; round += 1) answers.push(await client.get('/'));
    expect(answers.map((answer) => answer.text())).toEqual(['1', '2', '3', '4', '5']);
    expect(answers.map(({ headers }) => headers.get('set-cookie'))).toEqual([
      null,
      null,
      'a=1',
      null,
      null,
    ]);
    expect(client.cookies.isEmpty).toBe(false);
  });
});
