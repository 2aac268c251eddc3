import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

/** A request as a server saw it, whatever carried it. */
export interface Seen {
  readonly method: string;
  readonly target: string;
  /** Names in lower case, in order; without what belongs to the carrier. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

interface Answer {
  readonly status: number;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: Buffer;
}

/** Fields that differ between HTTP/1.1, HTTP/2, proxies and calls in process, and mean nothing to an application. */
const OF_THE_CARRIER: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'via',
  'x-forwarded-for',
]);

export const LARGE_BODY: Buffer = Buffer.from(
  Array.from({ length: 1024 * 1024 }, (_, index) => (index * 31) & 255),
);

/** One target for every arrangement: it remembers what reached it and answers by its path. */
export class Target {
  readonly seen: Seen[] = [];
  #flaky = 0;

  answer(seen: Seen): Answer {
    this.seen.push(seen);
    const { pathname, searchParams } = new URL(seen.target, 'http://target.invalid');
    const [, route = '', argument = ''] = pathname.split('/');
    switch (route) {
      case 'status':
        return { status: Number(argument), headers: [['x-status', argument]] };
      case 'redirect':
        return { status: Number(argument), headers: [['location', searchParams.get('to')!]] };
      case 'gzip':
        return encoded('gzip', gzipSync('squeezed'));
      case 'deflate':
        return encoded('deflate', deflateSync('squeezed'));
      case 'br':
        return encoded('br', brotliCompressSync('squeezed'));
      case 'twice':
        return encoded('gzip, br', brotliCompressSync(gzipSync('squeezed')));
      case 'large':
        return { status: 200, body: LARGE_BODY };
      case 'cookie':
        return {
          status: 200,
          headers: [
            ['set-cookie', 'tasted=yes; Path=/'],
            ['set-cookie', 'b=2'],
          ],
        };
      case 'flaky':
        return this.#answerFlaky();
      case 'repeated':
        return {
          status: 200,
          headers: [
            ['x-many', 'one'],
            ['x-many', 'two'],
            ['x-Latin', 'caf\u00e9'],
          ],
        };
      default:
        return {
          status: 200,
          headers: [['content-type', 'application/json']],
          body: Buffer.from(JSON.stringify(seen)),
        };
    }
  }

  /** As a listener of node:http and node:http2. */
  readonly listener = (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => response.destroy());
    request.on('end', () => {
      const pairs: [string, string][] = [];
      for (let at = 0; at < request.rawHeaders.length; at += 2) {
        pairs.push([request.rawHeaders[at]!, request.rawHeaders[at + 1]!]);
      }
      const target = request.url!.replace(/^http:\/\/[^/]+/, '');
      const answer = this.answer(seenOf(request.method!, target, pairs, Buffer.concat(chunks)));
      response.statusCode = answer.status;
      for (const [name, values] of grouped(answer.headers ?? [])) {
        response.setHeader(name, values.length === 1 ? values[0]! : values);
      }
      response.end(answer.body ?? '');
    });
  };

  /** As a web handler. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const body = Buffer.from(await request.arrayBuffer());
    const seen = seenOf(request.method, `${pathname}${search}`, [...request.headers], body);
    const answer = this.answer(seen);
    const headers = new Headers();
    for (const [name, value] of answer.headers ?? []) headers.append(name, value);
    const isEmpty = answer.status === 204 || answer.status === 304;
    return new Response(isEmpty ? null : new Uint8Array(answer.body ?? []), {
      status: answer.status,
      headers,
    });
  };

  /** Fails twice, then works, and then fails again. */
  #answerFlaky(): Answer {
    this.#flaky += 1;
    return this.#flaky % 3 === 0
      ? { status: 200, body: Buffer.from('at last') }
      : { status: 503, headers: [['retry-after', '0']] };
  }
}

export function seenOf(
  method: string,
  target: string,
  pairs: Iterable<readonly [string, string]>,
  body: Buffer,
): Seen {
  const headers = [...pairs]
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !name.startsWith(':') && !OF_THE_CARRIER.has(name));
  return { method, target, headers, body: body.toString('base64') };
}

function encoded(coding: string, body: Buffer): Answer {
  return { status: 200, headers: [['content-encoding', coding]], body };
}

function grouped(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    groups.set(key, [...(groups.get(key) ?? []), value]);
  }
  return groups;
}
