import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ControlError, type LiveSnapshot, type RunControl } from '@needletail/load';
import { UsageError } from '../errors.ts';

const HOST = '127.0.0.1';
const MOST_BODY_BYTES = 4096;
const REQUEST_TIMEOUT_MS = 5000;

export interface ControlServerOptions {
  readonly control: RunControl;
  /** The latest look at the run; null before the first. */
  readonly snapshot: () => LiveSnapshot | null;
  /** 0 picks a free one. */
  readonly port: number;
  /** Null makes one up. */
  readonly token: string | null;
}

/** A local HTTP API to a run under way. */
export interface ControlServer {
  /** `http://127.0.0.1:43117`. */
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

/** A problem as it is sent (RFC 9457). */
class ApiProblem extends Error {
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    title: string,
    code: string,
    detail: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.status = status;
    this.title = title;
    this.code = code;
    this.headers = headers;
  }
}

type Route = (options: ControlServerOptions, body: Readonly<Record<string, unknown>>) => void;

const commands: Readonly<Record<string, Route>> = {
  '/pause': ({ control }) => control.pause(),
  '/resume': ({ control }) => control.resume(),
  '/stop': ({ control }) => control.stop(),
  '/users': ({ control }, body) => control.setUsers(figureIn(body, 'users'), streamIn(body)),
  '/rate': ({ control }, body) => control.setRate(figureIn(body, 'rate'), streamIn(body)),
};

/**
 * Listens on this machine only. Every request carries `Authorization: Bearer <token>`, and a `Host` that is this server
 * under a local name: a page in a browser can send neither (no CORS, and a name of its own does not pass).
 */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const token = options.token ?? randomBytes(16).toString('base64url');
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void answer(request, response, options, token, server);
  });
  server.listen(options.port, HOST);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? 'something else listens there already' : message;
    throw new UsageError(
      'CONTROL_PORT',
      `Cannot listen for control: ${reason} (--control ${options.port}). Choose another port, or leave it out for a free one.`,
      { cause: error },
    );
  }
  // It must not keep a process alive that has nothing else to do.
  server.unref();
  return {
    url: `http://${HOST}:${portOf(server)}`,
    token,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ControlServerOptions,
  token: string,
  server: Server,
): Promise<void> {
  try {
    checkCaller(request, token, portOf(server));
    const route = routeOf(request);
    route?.(options, await readBody(request));
    sendJson(response, 200, 'application/json', statusOf(options));
  } catch (error) {
    const problem = problemOf(error);
    for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value);
    // What was left unread would be taken for the next request.
    if (!request.complete) response.setHeader('Connection', 'close');
    const { status, title, code, message } = problem;
    const body = { type: 'about:blank', title, status, detail: message, code };
    sendJson(response, status, 'application/problem+json', body);
  }
}

function statusOf({ control, snapshot }: ControlServerOptions): object {
  return { ...control.status(), changes: control.events, snapshot: snapshot() };
}

function sendJson(response: ServerResponse, status: number, type: string, body: object): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

function checkCaller({ headers }: IncomingMessage, token: string, port: number): void {
  const local = [`${HOST}:${port}`, `localhost:${port}`];
  if (!local.includes(headers.host?.toLowerCase() ?? '')) {
    throw new ApiProblem(
      403,
      'Forbidden',
      'HOST_NOT_LOCAL',
      `This API answers as ${local.join(' or ')} only.`,
    );
  }
  const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (given !== undefined && isSame(given, token)) return;
  throw new ApiProblem(
    401,
    'Unauthorized',
    given === undefined ? 'TOKEN_MISSING' : 'TOKEN_WRONG',
    'Send Authorization: Bearer <token>, with the token printed when the run started.',
    { 'WWW-Authenticate': 'Bearer' },
  );
}

/** Compares digests: their lengths are equal, and the time it takes tells nothing of either text. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** Null for a look at the status. */
function routeOf({ method, url }: IncomingMessage): Route | null {
  const path = url!.split('?', 1)[0]!;
  const isStatus = path === '/status';
  const route = Object.hasOwn(commands, path) ? commands[path]! : null;
  if (!isStatus && route === null) {
    const known = ['GET /status', ...Object.keys(commands).map((known) => `POST ${known}`)];
    throw new ApiProblem(404, 'Not Found', 'NO_SUCH_PATH', `There are: ${known.join(', ')}.`);
  }
  const allowed = isStatus ? 'GET' : 'POST';
  if (method === allowed) return route;
  throw new ApiProblem(405, 'Method Not Allowed', 'WRONG_METHOD', `Use ${allowed} ${path}.`, {
    Allow: allowed,
  });
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MOST_BODY_BYTES) {
      throw new ApiProblem(413, 'Content Too Large', 'BODY_TOO_LARGE', 'Send a small JSON object.');
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text.trim() === '') return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw badBody('It is not JSON.');
  }
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    return body as Readonly<Record<string, unknown>>;
  }
  throw badBody('It is JSON, but no object.');
}

function figureIn(body: Readonly<Record<string, unknown>>, name: string): number {
  const value = body[name];
  if (typeof value === 'number') return value;
  throw badBody(`It has no number "${name}", as in {"${name}": 50}.`);
}

function streamIn({ stream = null }: Readonly<Record<string, unknown>>): string | null {
  if (stream === null || typeof stream === 'string') return stream;
  throw badBody('Its "stream" is no text: give the name of a scenario.');
}

function badBody(detail: string): ApiProblem {
  return new ApiProblem(400, 'Bad Request', 'BAD_BODY', `The body cannot be used. ${detail}`);
}

function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof ControlError) {
    const isValue = error.code === 'CONTROL_VALUE' || error.code === 'CONTROL_STREAM';
    return isValue
      ? new ApiProblem(400, 'Bad Request', error.code, error.message)
      : new ApiProblem(409, 'Conflict', error.code, error.message);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new ApiProblem(500, 'Internal Server Error', 'UNEXPECTED', message);
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
