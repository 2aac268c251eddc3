import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findProgram } from '@needletail/testkit/programs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { close, frame, handshake, RawSocket, text } from '../../websocket/raw-socket.fixture.ts';

const bun = findProgram('bun');
const PROGRAM = fileURLToPath(new URL('websocket-program.fixture.ts', import.meta.url));

let child: ChildProcess;
let lines: AsyncIterator<string>;
let port: number;
let errors = '';
const sockets: RawSocket[] = [];

async function open(path: string, fields = ''): Promise<RawSocket> {
  const socket = new RawSocket(port);
  sockets.push(socket);
  socket.write(handshake(fields).replace('GET / ', `GET ${path} `));
  await socket.until(() => socket.head.includes('\r\n\r\n') || socket.events.length > 0);
  return socket;
}

describe.skipIf(bun === null)('WebSocket routes on Bun.serve', () => {
  beforeAll(async () => {
    child = spawn(bun!, ['--conditions=@needletail/source', PROGRAM]);
    child.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const reading: Interface = createInterface(child.stdout!);
    lines = reading[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done === true) throw new Error(`The server did not start: ${errors}`);
    port = Number(first.value);
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.terminate();
    expect(errors).toBe('');
  });
  afterAll(async () => {
    child.kill();
    await once(child, 'exit');
  });

  it('converse, with a protocol agreed on, in text and in bytes of any length', async () => {
    const socket = await open('/echo', 'Sec-WebSocket-Protocol: a, c\r\n');
    expect(socket.head).toMatch(/^HTTP\/1\.1 101 [^]*Sec-WebSocket-Protocol: a\r\n/i);
    expect(socket.head).not.toMatch(/Sec-WebSocket-Extensions/i);
    expect(await socket.next()).toBe('text hello a');
    socket.write(text('caf\xc3\xa9'));
    expect(await socket.next()).toBe('text café');
    const long = 'x'.repeat(300_000);
    socket.write(frame({ opcode: 2, payload: long }));
    expect(await socket.next()).toBe(`binary ${long}`);
    socket.write(frame({ opcode: 9, payload: 'p' }));
    expect(await socket.next()).toBe('pong p');
    socket.write(text('ping'));
    expect(await socket.next()).toBe('ping are you there');
    socket.write(close('\x0b\xb8bye'));
    expect(await socket.next()).toMatch(/^close 3000/);
    expect((await lines.next()).value).toBe('closed 3000 bye');
  });

  it('are closed by the server, with its code', async () => {
    const socket = await open('/echo');
    socket.write(text('close'));
    await socket.next();
    expect(await socket.next()).toBe('close 4001 asked to');
    expect((await lines.next()).value).toMatch(/^closed 4001/);
  });

  it('tell of a client that was lost', async () => {
    const socket = await open('/echo');
    await socket.next();
    socket.terminate();
    expect((await lines.next()).value).toBe('closed 1006 ');
  });

  it('have topics', async () => {
    const [one, two, three] = [await open('/room'), await open('/room'), await open('/room')];
    one.write(text('to all'));
    expect(await two.next()).toBe('text to all');
    expect(await three.next()).toBe('text to all');
    expect(one.events).toEqual([]);
  });

  it('refuse, and leave other requests to other routes', async () => {
    expect((await open('/no')).head).toMatch(/^HTTP\/1\.1 418 /);
    expect((await open('/plain')).head).toMatch(/^HTTP\/1\.1 200 /);
  });
});
