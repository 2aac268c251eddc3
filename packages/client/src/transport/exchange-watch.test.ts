import { describe, expect, it } from 'vitest';
import { open, scripted } from './wire-scene.fixture.ts';
import { makeRequest } from '../model/client-request.fixture.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { closing } from './closing.fixture.ts';
import type { ExchangeWatch } from './exchange-watch.ts';
import { startH2c } from './http2-setup.fixture.ts';
import { createNetworkTransport } from './network-transport.ts';
import type { Transport } from './transport.ts';
import { answering, HELLO_ANSWER, streamedBody, wholeBody } from './wire-setup.fixture.ts';

/** What a watch was told, in its order; calls with bytes that follow each other are one, of all their bytes. */
class HeardWatch implements ExchangeWatch {
  readonly calls: [name: string, sizeBytes?: number][] = [];
  readonly timesMs: number[] = [];

  sent(nowMs: number): void {
    this.calls.push(['sent']);
    this.timesMs.push(nowMs);
  }

  firstByte(nowMs: number): void {
    this.calls.push(['firstByte']);
    this.timesMs.push(nowMs);
  }

  bytesSent(sizeBytes: number): void {
    this.#add('bytesSent', sizeBytes);
  }

  bytesReceived(sizeBytes: number): void {
    this.#add('bytesReceived', sizeBytes);
  }

  #add(name: string, sizeBytes: number): void {
    const last = this.calls.at(-1);
    if (last?.[0] === name) last[1] = last[1]! + sizeBytes;
    else this.calls.push([name, sizeBytes]);
  }
}

/** Sends, and answers what the watch heard; a failure is told as a last call of that name. */
async function heardOf(request: ClientRequest, transport: Transport = open()): Promise<HeardWatch> {
  const watch = new HeardWatch();
  request.watch = watch;
  try {
    await transport.send(request);
  } catch (error) {
    watch.calls.push([(error as Error).name]);
  }
  return watch;
}

describe('ClientRequest.watch', () => {
  it('hears when the head left, when the answer began, and the bytes of both', async () => {
    const server = await scripted(answering(HELLO_ANSWER));
    const { calls, timesMs } = await heardOf(makeRequest(`${server.url}/`));
    expect(calls).toEqual([
      ['sent'],
      ['bytesSent', server.connections[0]!.text.length],
      ['firstByte'],
      ['bytesReceived', HELLO_ANSWER.length],
    ]);
    expect(timesMs).toEqual(timesMs.toSorted((a, b) => a - b));
  });

  it.each([
    ['small', wholeBody('x'.repeat(100))],
    ['large', wholeBody('x'.repeat(300_000))],
    ['of several bytes a character', wholeBody('ü'.repeat(100))],
    ['of unknown length', streamedBody([Buffer.alloc(70_000), Buffer.alloc(5)])],
    ['that is empty', wholeBody('')],
  ])('counts every byte of a body %s', async (_kind, body) => {
    // Answers when everything is here, which the end of what it says about itself tells.
    const server = await scripted((connection) => {
      const [head = '', ...rest] = connection.text.split('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(head)?.[1];
      const sent = rest.join('\r\n\r\n');
      const isAll =
        length === undefined
          ? connection.text.endsWith('0\r\n\r\n')
          : sent.length === Number(length);
      if (isAll) connection.socket.write(HELLO_ANSWER);
    });
    const { calls } = await heardOf(makeRequest(`${server.url}/`, { method: 'POST', body }));
    expect(calls.map(([name]) => name)).toEqual([
      'sent',
      'bytesSent',
      'firstByte',
      'bytesReceived',
    ]);
    expect(calls[1]![1]).toBe(server.connections[0]!.text.length);
  });

  it('counts chunked answers as they are on the wire, from the first of them on', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
    const server = await scripted((connection) => {
      connection.socket.write(answer.slice(0, 10));
      setTimeout(() => connection.socket.write(answer.slice(10)), 5);
    });
    const { calls } = await heardOf(makeRequest(`${server.url}/`));
    expect(calls.slice(2)).toEqual([['firstByte'], ['bytesReceived', answer.length]]);
  });

  it('hears an interim answer as the first byte: 100 Continue before the body goes', async () => {
    const server = await scripted(({ text, socket }) => {
      socket.write(text.endsWith('\r\n\r\n') ? 'HTTP/1.1 100 Continue\r\n\r\n' : HELLO_ANSWER);
    });
    const body = wholeBody('body');
    const request = makeRequest(`${server.url}/`, { method: 'PUT', body, expectContinue: true });
    const { calls } = await heardOf(request);
    expect(calls).toEqual([
      ['sent'],
      ['bytesSent', server.connections[0]!.text.length - 4],
      ['firstByte'],
      ['bytesReceived', 25],
      ['bytesSent', 4],
      ['bytesReceived', HELLO_ANSWER.length],
    ]);
  });

  it('hears nothing of a request that got no connection', async () => {
    const server = await scripted(() => {});
    await server.close();
    const { calls } = await heardOf(makeRequest(`${server.url}/`));
    expect(calls).toEqual([['ConnectError']]);
  });

  it('hears no first byte of an answer that does not come', async () => {
    const server = await scripted(({ socket }) => socket.destroy());
    const { calls } = await heardOf(makeRequest(`${server.url}/`));
    expect(calls.map(([name]) => name)).toEqual(['sent', 'bytesSent', 'ReadError']);
  });

  it('hears what came before an answer broke off', async () => {
    const server = await scripted(({ socket }) => socket.end(HELLO_ANSWER.slice(0, -2)));
    const { calls } = await heardOf(makeRequest(`${server.url}/`));
    expect(calls.slice(2)).toEqual([
      ['firstByte'],
      ['bytesReceived', HELLO_ANSWER.length - 2],
      ['ReadError'],
    ]);
  });

  it('begins again with a request that is sent again', async () => {
    const server = await scripted(({ index, text, socket }) => {
      if (index === 1 && text.split('\r\n\r\n').length > 2) socket.destroy();
      else socket.write(HELLO_ANSWER);
    });
    const transport = open();
    await transport.send(makeRequest(`${server.url}/`));
    const { calls } = await heardOf(makeRequest(`${server.url}/`), transport);
    expect(calls.map(([name]) => name)).toEqual([
      'sent',
      'bytesSent',
      'sent',
      'bytesSent',
      'firstByte',
      'bytesReceived',
    ]);
  });

  it('is told the same over HTTP/2, of bodies only', async () => {
    const server = closing(
      await startH2c((stream) => {
        stream.resume();
        stream.on('end', () => {
          stream.respond({ ':status': 200 });
          stream.end('hello');
        });
      }),
    );
    const transport = closing(createNetworkTransport({ http2: 'prior-knowledge', env: {} }));
    const posted = makeRequest(`${server.url}/`, { method: 'POST', body: wholeBody('four') });
    expect((await heardOf(posted, transport)).calls).toEqual([
      ['sent'],
      ['bytesSent', 4],
      ['firstByte'],
      ['bytesReceived', 5],
    ]);
    const { calls } = await heardOf(makeRequest(`${server.url}/`), transport);
    expect(calls).toEqual([['sent'], ['firstByte'], ['bytesReceived', 5]]);
  });
});
