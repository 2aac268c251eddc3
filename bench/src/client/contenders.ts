import http from 'node:http';
import { Dialer, ResponseDecoder } from '@needletail/wire';
import type { Client } from '@needletail/client';

/** One way to ask for a URL again and again, over so many connections. */
interface Traffic {
  /** Requests answered so far. */
  readonly answered: number;
  /** Bytes of the last body. */
  readonly bodyBytes: number;
  stop(): void;
}

type Start = (url: string, connections: number) => Promise<Traffic>;

/** Reads the answer whole and says how long its body was. */
type Get = () => Promise<number>;

/** The same loop for every client: each worker asks again when it has its answer. */
function drive(get: Get, workers: number): Traffic {
  return driveEach(Array.from({ length: workers }, () => get));
}

/** The same for workers who have each a client of their own. */
function driveEach(gets: readonly Get[]): Traffic {
  const state = { answered: 0, bodyBytes: 0, isRunning: true };
  const work = async (get: Get): Promise<void> => {
    while (state.isRunning) {
      state.bodyBytes = await get();
      state.answered += 1;
    }
  };
  for (const get of gets) void work(get);
  return {
    get answered() {
      return state.answered;
    },
    get bodyBytes() {
      return state.bodyBytes;
    },
    stop: () => (state.isRunning = false),
  };
}

/** What a client cannot be cheaper than: links and a decoder that counts, as the load engine has them. */
function startBare(url: string, connections: number): Promise<Traffic> {
  const { hostname, port, host, pathname } = new URL(url);
  const dialer = new Dialer({ host: hostname, port: Number(port), addresses: [hostname] });
  const request = Buffer.from(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\naccept: */*\r\n\r\n`);
  const traffic = { answered: 0, bodyBytes: 0, isRunning: true, stop: () => {} };
  traffic.stop = () => (traffic.isRunning = false);
  for (let index = 0; index < connections; index += 1) {
    let isAnswered = false;
    const decoder = new ResponseDecoder({
      onHead: (head) => {
        traffic.bodyBytes = head.contentLength;
        return 0;
      },
      onBody() {},
      onEnd: () => (isAnswered = true),
    });
    const link = dialer.connect({
      onOpen: () => void link.write(request),
      onBytes: (buffer, end) => {
        decoder.feed(buffer, 0, end);
        if (!isAnswered) return;
        isAnswered = false;
        traffic.answered += 1;
        if (traffic.isRunning) link.write(request);
      },
      onDrain() {},
      onEnd: () => link.destroy(),
      onClose() {},
    });
  }
  return Promise.resolve(traffic);
}

async function clientFor(connections: number): Promise<Client> {
  const needletail = await import('@needletail/client');
  return new needletail.Client({
    limits: { maxConnections: connections, maxConnectionsPerOrigin: connections },
    trustEnv: false,
  });
}

function agentFor(connections: number): http.Agent {
  return new http.Agent({ keepAlive: true, maxSockets: connections });
}

/** Each in the form that its own documentation recommends for many requests to one host. */
export const contenders: ReadonlyMap<string, Start> = new Map<string, Start>([
  ['bare wire', startBare],
  [
    'needletail raw',
    async (url, connections) => {
      const { raw } = await clientFor(connections);
      return drive(async () => (await raw.get(url)).body.length, connections);
    },
  ],
  [
    'needletail',
    async (url, connections) => {
      const client = await clientFor(connections);
      return drive(async () => (await client.get(url)).bytes().length, connections);
    },
  ],
  [
    'needletail partitions',
    async (url, connections) => {
      const needletail = await import('@needletail/client');
      const network = needletail.openPartitionedNetwork({ trustEnv: false });
      const all = new needletail.Client({ trustEnv: false });
      return driveEach(
        Array.from({ length: connections }, () => {
          const user = all.extend({ transport: network.partition(), cookieJar: true });
          return async () => (await user.get(url)).bytes().length;
        }),
      );
    },
  ],
  [
    'needletail stream',
    async (url, connections) => {
      const client = await clientFor(connections);
      return drive(async () => {
        let sizeBytes = 0;
        for await (const piece of await client.stream('GET', url)) sizeBytes += piece.length;
        return sizeBytes;
      }, connections);
    },
  ],
  [
    'undici.request',
    async (url, connections) => {
      const { Agent, request } = await import('undici');
      const dispatcher = new Agent({ connections, pipelining: 1 });
      return drive(async () => {
        const { body } = await request(url, { dispatcher });
        return (await body.arrayBuffer()).byteLength;
      }, connections);
    },
  ],
  [
    'undici.request stream',
    async (url, connections) => {
      const { Agent, request } = await import('undici');
      const dispatcher = new Agent({ connections, pipelining: 1 });
      return drive(async () => {
        const { body } = await request(url, { dispatcher });
        let sizeBytes = 0;
        for await (const piece of body) sizeBytes += (piece as Buffer).length;
        return sizeBytes;
      }, connections);
    },
  ],
  [
    'fetch',
    (url, connections) =>
      Promise.resolve(
        drive(async () => (await (await fetch(url)).arrayBuffer()).byteLength, connections),
      ),
  ],
  [
    'node:http',
    (url, connections) => {
      const agent = agentFor(connections);
      return Promise.resolve(drive(() => nodeGet(url, agent), connections));
    },
  ],
  [
    'got',
    async (url, connections) => {
      const { got } = await import('got');
      const agent = agentFor(connections);
      return drive(async () => {
        const { body } = await got(url, { agent: { http: agent }, responseType: 'buffer' });
        return body.length;
      }, connections);
    },
  ],
  [
    'axios',
    async (url, connections) => {
      const { default: axios } = await import('axios');
      const client = axios.create({
        httpAgent: agentFor(connections),
        responseType: 'arraybuffer',
        proxy: false,
      });
      return drive(async () => (await client.get<Buffer>(url)).data.length, connections);
    },
  ],
  [
    'ky',
    async (url, connections) => {
      const { default: ky } = await import('ky');
      return drive(async () => (await ky.get(url).arrayBuffer()).byteLength, connections);
    },
  ],
]);

function nodeGet(url: string, agent: http.Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).length));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}
