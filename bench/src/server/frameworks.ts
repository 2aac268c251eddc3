import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App } from '@needletail/server';
import { cors, requestId, securityHeaders } from '@needletail/server/middleware';
import { ORDER_SCHEMA, orderByAjv, orderByZod, receiptOf, type Order } from './order.ts';

const KEEP_ALIVE_MS = 600_000;
const HOST = '127.0.0.1';
/** Besides those that are asked. */
const OTHER_ROUTES = 998;
const ORIGIN = 'https://shop.example';

/** What `GET /users/:id` answers. */
function userOf(id: string): { id: string; name: string; isActive: boolean } {
  return { id, name: 'Ada Lovelace', isActive: true };
}

/** Starts a server with `GET /users/:id` and `POST /orders`, and gives its port. */
export type StartFramework = () => Promise<number>;

export const frameworks: Readonly<Record<string, StartFramework>> = {
  app: () => startApp({ routes: 0 }),
  'app-1000': () => startApp({ routes: OTHER_ROUTES }),
  'app-zod': () => startApp({ routes: 0, isZod: true }),
  'app-bun': () => startApp({ routes: 0, server: 'bun' }),
  'app-context': () => startApp({ routes: 0, hasContext: true }),
  'app-async': () => startApp({ routes: 0, isAsync: true }),
  'app-async-context': () => startApp({ routes: 0, isAsync: true, hasContext: true }),
  'app-fields': () => startApp({ routes: 0, hasFields: true }),
  'node:http': () => startNode(answerPlainly),
  fastify: startFastify,
  hono: () => startHono({ hasFields: false }),
  'hono-fields': () => startHono({ hasFields: true }),
  'bun.serve': startBunServe,
};

async function startApp(how: {
  readonly routes: number;
  readonly isZod?: boolean;
  readonly server?: 'bun';
  /** Whether `currentContext()` finds the request. */
  readonly hasContext?: boolean;
  /** Whether the handler waits once. */
  readonly isAsync?: boolean;
  /** Whether middleware sets a request id, the fields of security and those of CORS. */
  readonly hasFields?: boolean;
}): Promise<number> {
  const app = new App({ currentContext: how.hasContext === true });
  if (how.hasFields === true) {
    app.use(requestId(), securityHeaders(), cors({ origins: [ORIGIN] }));
  }
  for (let at = 0; at < how.routes / 2; at += 1) {
    app.get(`/things${at}`, () => at);
    app.get(`/things${at}/:id/parts`, (c) => c.params.id);
  }
  const body = how.isZod === true ? orderByZod() : orderByAjv();
  if (how.isAsync === true) {
    app.get('/users/:id', async (c) => {
      await Promise.resolve();
      return userOf(c.params.id);
    });
  } else app.get('/users/:id', (c) => userOf(c.params.id));
  app.post('/orders', { body }, (c) => receiptOf(c.body));
  const { port } = await app.listen({
    ...(how.server === undefined ? {} : { server: how.server }),
    timeouts: { keepAliveMs: KEEP_ALIVE_MS },
  });
  return port;
}

async function startNode(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<number> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, answer);
  server.listen(0, HOST);
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}

/** Nothing but what is needed; the body is parsed and not validated. */
function answerPlainly(request: IncomingMessage, response: ServerResponse): void {
  const user = /^\/users\/([^/?]+)$/.exec(request.url!);
  if (user !== null) return sendJson(response, userOf(decodeURIComponent(user[1]!)));
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const order = JSON.parse(Buffer.concat(pieces).toString()) as Order;
    sendJson(response, receiptOf(order));
  });
}

function sendJson(response: ServerResponse, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** With schemas Fastify compiles its serialisers: faster than JSON.stringify for answers this small. */
const USER_SCHEMA = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    name: { type: 'string' },
    isActive: { type: 'boolean' },
  },
};
const RECEIPT_SCHEMA = {
  type: 'object',
  properties: { customer: { type: 'integer' }, pieces: { type: 'integer' } },
};

async function startFastify(): Promise<number> {
  const { fastify } = await import('fastify');
  const server = fastify({ keepAliveTimeout: KEEP_ALIVE_MS });
  const schema = { response: { 200: USER_SCHEMA } };
  server.get<{ Params: { id: string } }>('/users/:id', { schema }, (request, reply) => {
    reply.send(userOf(request.params.id));
  });
  const orderSchema = { body: ORDER_SCHEMA, response: { 200: RECEIPT_SCHEMA } };
  server.post<{ Body: Order }>('/orders', { schema: orderSchema }, (request, reply) => {
    reply.send(receiptOf(request.body));
  });
  await server.listen({ port: 0, host: HOST });
  return (server.server.address() as AddressInfo).port;
}

async function startHono({ hasFields }: { readonly hasFields: boolean }): Promise<number> {
  const { Hono } = await import('hono');
  const { serve } = await import('@hono/node-server');
  const base = new Hono();
  if (hasFields) {
    const { requestId: id } = await import('hono/request-id');
    const { secureHeaders } = await import('hono/secure-headers');
    const { cors: crossOrigin } = await import('hono/cors');
    base.use(id(), secureHeaders(), crossOrigin({ origin: ORIGIN }));
  }
  const app = base
    .get('/users/:id', (c) => c.json(userOf(c.req.param('id'))))
    .post('/orders', async (c) => c.json(receiptOf(await c.req.json())));
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, port: 0, hostname: HOST }, ({ port }) => resolve(port));
  });
}

async function startBunServe(): Promise<number> {
  const { Bun } = globalThis as unknown as { readonly Bun: BunRuntime };
  const { port } = Bun.serve({
    port: 0,
    hostname: HOST,
    routes: { '/users/:id': ({ params }) => Response.json(userOf(params.id)) },
    fetch: () => new Response(null, { status: 404 }),
  });
  return port;
}

/** The part of Bun that is used here. */
interface BunRuntime {
  serve(options: {
    readonly port: number;
    readonly hostname: string;
    readonly routes: Readonly<
      Record<string, (request: { readonly params: { readonly id: string } }) => Response>
    >;
    readonly fetch: () => Response;
  }): { readonly port: number };
}
