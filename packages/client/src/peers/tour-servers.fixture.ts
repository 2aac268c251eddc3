import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { ZSTD_TEXT } from '../body/zstd-samples.fixture.ts';
import { certificate, startServer } from '../transport/network-setup.fixture.ts';
import { startEchoServer } from '../websocket/websocket-setup.fixture.ts';
import type { TourPlan } from './tour.fixture.ts';

const TEXT = 'squeezed, then put right again';
const LARGE = Buffer.alloc(2_000_000, 'L');

type Answer = (response: ServerResponse, body: Buffer, request: IncomingMessage) => void;

function squeezed(coding: string, body: Buffer): Answer {
  return (response) => void response.writeHead(200, { 'content-encoding': coding }).end(body);
}

/** What each path answers, the number in `/item/7` aside; `flaky` once fails. */
function answers(): Readonly<Record<string, Answer>> {
  let isFlaky = true;
  return {
    '/text': (response) => void response.end('hello, world'),
    '/large': (response) => void response.end(LARGE),
    '/lines': (response) => void response.end('one\ntwo\r\nthree'),
    '/gzip': squeezed('gzip', gzipSync(TEXT)),
    '/br': squeezed('br', brotliCompressSync(TEXT)),
    '/deflate': squeezed('deflate', deflateSync(TEXT)),
    '/zstd': squeezed('zstd', ZSTD_TEXT),
    '/bad-gzip': squeezed('gzip', Buffer.from('no gzip at all')),
    '/redirect': (response) => void response.writeHead(303, { location: '/text' }).end(),
    '/cookie': (response) => void response.writeHead(200, { 'set-cookie': 'a=b; Path=/' }).end(),
    '/hang': () => {},
    '/half': (response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half');
    },
    '/reset': (response) => void response.socket?.resetAndDestroy(),
    '/truncated': (response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half');
      setTimeout(() => response.destroy(), 10);
    },
    '/length': (response, body) => void response.end(JSON.stringify({ bytes: body.length })),
    '/echo': (response, body, { method, headers }) => {
      const { authorization, cookie, 'content-type': type } = headers;
      const seen = { method, type, authorization, cookie, body: body.toString() };
      response.end(JSON.stringify(seen));
    },
    '/flaky': (response) => {
      response.writeHead(isFlaky ? 503 : 200).end();
      isFlaky = false;
    },
    '/events': (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: 1\ndata: one\n\nevent: named\ndata: two\ndata: lines\n\ndata: three\n\n');
    },
  };
}

function listenerOf(table: Readonly<Record<string, Answer>>): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url!.split('?', 1)[0]!;
      const answer = table[path];
      if (answer !== undefined) return answer(response, Buffer.concat(chunks), request);
      const isItem = path.startsWith('/item/');
      response.writeHead(isItem ? 200 : 404).end(isItem ? path.slice('/item/'.length) : 'nothing');
    });
  };
}

/** Everything the tour visits. */
export async function startTourServers(): Promise<{ plan: TourPlan; close: () => Promise<void> }> {
  const listener = listenerOf(answers());
  const http = await startServer(createServer(listener));
  const https = await startServer(createHttpsServer(certificate, listener));
  const http2 = await startServer(
    createSecureServer({ ...certificate, allowHTTP1: true }, listener as never),
  );
  const websocket = await startEchoServer();
  return {
    plan: {
      http: `http://127.0.0.1:${http.port}`,
      https: `https://127.0.0.1:${https.port}`,
      http2: `https://127.0.0.1:${http2.port}`,
      websocket: websocket.url,
      ca: certificate.cert,
    },
    close: async () => {
      await Promise.all([http.close(), https.close(), http2.close(), websocket.close()]);
    },
  };
}
