import type { Link, LinkHandler } from '@needletail/wire';
import type { Dispatch, IncomingBody, ServerReply, ServerRequest } from '../exchange.ts';
import type { ServerOptions } from '../server-options.ts';

/** What is known of one request as a backend hands it over. */
export interface RequestSeen {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  readonly remoteAddress: string;
  readonly isSecure: boolean;
  readonly fields: readonly (readonly [string, string])[];
}

export const FLOOD_BYTES: number = 64 * 1024 * 1024;
const FLOOD_PIECE: Buffer = Buffer.alloc(64 * 1024, 'x');

/** Heads that no backend may send. */
export const BAD_HEADS: Readonly<Record<string, string>> = {
  'a line break in a value': 'X: a\r\nInjected: 1\nY: 2\r\n',
  'an empty line': 'X: a\r\n\r\n<html>\r\n',
  'an unfinished line': 'X: a',
  'what becomes a line break as latin1': 'X: a\u010d\u010aY: b\r\n',
  'a name with a space': 'X Y: a\r\n',
  'a length of its own': 'content-length: 3\r\n',
  'framing of its own': 'X: a\r\nTransfer-Encoding: chunked\r\n',
};

export const BODIES: Readonly<Record<string, string | Uint8Array | null>> = {
  ascii: 'plain',
  utf8: 'caf\u00e9 \u{1f426}',
  long: 'é'.repeat(200_000),
  bytes: Uint8Array.from({ length: 100_000 }, (_, index) => index & 0xff),
  empty: '',
  none: null,
};

async function* pieces(...all: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  for (const piece of all) {
    await new Promise((resolve) => setImmediate(resolve));
    yield piece;
  }
}

async function* later(): AsyncGenerator<string> {
  yield 'one';
  await new Promise((resolve) => setTimeout(resolve, 50));
  yield 'two';
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? String(error);

/**
 * The application that the backend suite asks; it may run in another process, so what it saw is asked for by requests too:
 * `/seen` gives it and forgets it.
 */
export class ContractApp {
  #seen: string[] = [];
  #flooded = 0;

  readonly onError: NonNullable<ServerOptions['onError']> = (error) =>
    void this.#seen.push(codeOf(error));

  readonly onUpgrade: NonNullable<ServerOptions['onUpgrade']> = (request, reply, takeOver) => {
    if (request.target === '/upgrade/declined') return false;
    if (request.target === '/upgrade/refused') reply.send(403, '', 'no');
    else if (request.target === '/upgrade/late') setTimeout(() => takeOver(echo), 5);
    else takeOver(echo);
    return true;
  };

  readonly dispatch: Dispatch = (request, reply) => {
    const [, topic = '', detail = '', more = ''] = new URL(request.target, 'http://t').pathname
      .split('/')
      .map(decodeURIComponent);
    switch (topic) {
      case 'seen':
        return this.#tell(reply);
      case 'body':
        return reply.send(200, 'Content-Type: text/plain\r\n', BODIES[detail]!);
      case 'status':
        return reply.send(Number(detail), '', more === 'none' ? null : more);
      case 'stream':
        return this.#stream(detail, request, reply);
      case 'read':
        return this.#read(detail, request, reply);
      case 'fail':
        return fail(detail, reply);
      case 'wait':
        return this.#wait(detail, request, reply);
      case 'slow':
        this.#seen.push('waiting');
        return void setTimeout(() => reply.send(200, '', 'in the end'), 100);
      case 'head':
        return tryHead(BAD_HEADS[detail]!, reply);
      case 'fields':
        return reply.send(200, 'Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Latin: caf\xe9\r\n', 'x');
      case 'hints':
        reply.interim(103, [['Link', '</a.css>; rel=preload']]);
        return reply.send(200, '', 'x');
      default:
        return describeRequest(request, reply);
    }
  };

  #tell(reply: ServerReply): void {
    const seen = this.#seen;
    this.#seen = [];
    reply.send(200, '', JSON.stringify({ seen, flooded: this.#flooded }));
  }

  #stream(kind: string, request: ServerRequest, reply: ServerReply): Promise<void> {
    const note = (error: unknown): never => {
      this.#seen.push(`stream ${codeOf(error)}`);
      throw error;
    };
    const big = Buffer.alloc(100_000, 'z');
    switch (kind) {
      case 'pieces':
        return reply.stream(200, 'X-A: b\r\n', pieces('é', '', Buffer.from('bc')));
      case 'sized':
        return reply.stream(200, '', pieces('ab', 'cd'), 4);
      case 'large':
        return reply.stream(200, '', pieces(big, big, big));
      case 'broken':
        return reply.stream(200, '', this.#breaking()).catch(note);
      case 'more':
        return reply.stream(200, '', pieces('ab', 'cd'), 3).catch(note);
      case 'less':
        return reply.stream(200, '', pieces('ab', 'cd'), 5).catch(note);
      case 'not-modified':
        return reply.stream(304, '', this.#noted('never'));
      case 'flood':
        return reply.stream(200, '', this.#flood(), FLOOD_BYTES).catch(note);
      case 'endless':
        return reply.stream(200, '', this.#endless()).catch(note);
      case 'silent':
        return reply.stream(200, '', this.#silent(request.signal)).catch(note);
      case 'later':
        return reply.stream(200, '', later());
      default:
        return reply.stream(200, '', this.#noted(request.target));
    }
  }

  async *#silent(signal: AbortSignal): AsyncGenerator<string> {
    try {
      yield 'one';
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    } finally {
      this.#seen.push('producer ended');
    }
  }

  async *#noted(text: string): AsyncGenerator<string> {
    try {
      yield text;
    } finally {
      this.#seen.push('producer ended');
    }
  }

  async *#breaking(): AsyncGenerator<string> {
    yield 'begin';
    await new Promise((resolve) => setTimeout(resolve, 5));
    throw Object.assign(new Error('bang'), { code: 'BANG' });
  }

  async *#flood(): AsyncGenerator<Buffer> {
    this.#flooded = 0;
    for (; this.#flooded < FLOOD_BYTES; this.#flooded += FLOOD_PIECE.length) yield FLOOD_PIECE;
  }

  async *#endless(): AsyncGenerator<string> {
    try {
      for (;;) {
        yield 'more';
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    } finally {
      this.#seen.push('producer ended');
    }
  }

  async #read(kind: string, { body }: ServerRequest, reply: ServerReply): Promise<void> {
    const answer = (text: string | Uint8Array): void => reply.send(200, '', text);
    switch (kind) {
      case 'bytes':
        return answer(await body.bytes());
      case 'late':
        await new Promise((resolve) => setTimeout(resolve, 5));
        return answer(await body.bytes());
      case 'limited':
        return answer(await body.bytes(4));
      case 'length':
        await body.bytes();
        return answer(String(body.length));
      case 'twice':
        await body.bytes();
        return answer(await body.bytes().catch(codeOf));
      case 'first':
        return answer(await firstOf(body));
      case 'echo':
        return reply.stream(200, '', body.stream());
      default:
        return answer('unread');
    }
  }

  #wait(kind: string, request: ServerRequest, reply: ServerReply): void {
    this.#seen.push('waiting');
    request.signal.addEventListener('abort', () => {
      this.#seen.push(`gone ${codeOf(request.signal.reason)}`);
      reply.send(200, '', 'to nobody');
    });
    if (kind === 'reading') void request.body.bytes().catch((e) => this.#seen.push(codeOf(e)));
  }
}

async function firstOf(body: IncomingBody): Promise<Buffer> {
  for await (const piece of body.stream()) return piece;
  return Buffer.from('none');
}

async function describeRequest(request: ServerRequest, reply: ServerReply): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  const { method, target, httpVersion, remoteAddress, isSecure, headers } = request;
  const seen = { method, target, httpVersion, remoteAddress, isSecure, fields: [...headers] };
  reply.send(200, 'Content-Type: application/json\r\n', JSON.stringify(seen satisfies RequestSeen));
}

function fail(kind: string, reply: ServerReply): void | Promise<void> {
  const bang = Object.assign(new Error('bang'), { code: 'BANG' });
  if (kind === 'throw') throw bang;
  if (kind === 'reject') return Promise.reject(bang);
  if (kind === 'late') return new Promise((_, reject) => setTimeout(() => reject(bang), 5));
  if (kind === 'interim') return reply.interim(101, []);
  reply.send(200, '', 'first');
  reply.send(200, '', 'second');
}

function tryHead(head: string, reply: ServerReply): void {
  try {
    reply.send(200, head, 'x');
  } catch (error) {
    reply.send(200, '', `${codeOf(error)} ${reply.isAnswered}`);
  }
}

function echo(link: Link): LinkHandler {
  link.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
  return {
    onOpen() {},
    onBytes: (buffer, end) => void link.write(Buffer.from(buffer.subarray(0, end))),
    onDrain() {},
    onEnd: () => link.end(),
    onClose() {},
  };
}
