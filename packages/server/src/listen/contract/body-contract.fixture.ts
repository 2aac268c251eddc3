import { expect, it } from 'vitest';
import { socketTo } from './contract-client.fixture.ts';
import type { ContractRun } from './backend-contract.fixture.ts';

/** What a backend owes to handlers that read bodies; part of the backend suite. */
export function describeBodies(run: ContractRun): void {
  const { contract, ask } = run;
  const hello = [Buffer.from('he'), Buffer.from('llo')];

  it.each(['bytes', 'late', 'echo'])('gives a body: %s', async (how) => {
    const sized = await ask({ method: 'POST', path: `/read/${how}`, body: 'hello' });
    expect(sized.body.toString()).toBe('hello');
    const chunked = await ask({ method: 'POST', path: `/read/${how}`, body: hello });
    expect(chunked.body.toString()).toBe('hello');
  });

  it('gives a large one, and takes it back as fast as it is read', async () => {
    const body = Buffer.alloc(3_000_000, 'large ');
    const answer = await ask({ method: 'POST', path: '/read/echo', body });
    expect(answer.body.equals(body)).toBe(true);
  });

  it('gives the length that was announced', async () => {
    const lengthOf = async (body?: string | Buffer[]): Promise<string> => {
      const sized = typeof body === 'string' ? { 'content-length': `${body.length}` } : {};
      const given = body === undefined ? {} : { body };
      const answer = await ask({ method: 'POST', path: '/read/length', fields: sized, ...given });
      return answer.body.toString();
    };
    expect(await lengthOf('hello')).toBe('5');
    expect(await lengthOf(hello)).toBe('null');
    const get = await ask({ path: '/read/length' });
    expect(get.body.toString()).toBe('0');
  });

  it('is read once', async () => {
    const answer = await ask({ method: 'POST', path: '/read/twice', body: 'hello' });
    expect(answer.body.toString()).toBe('BODY_USED');
  });

  it.each([['hello'], [hello]])('is refused with 413 above what is allowed (%j)', async (body) => {
    expect((await ask({ method: 'POST', path: '/read/limited', body })).status).toBe(413);
    const short = await ask({ method: 'POST', path: '/read/limited', body: 'hell' });
    expect(short.body.toString()).toBe('hell');
  });

  it.each(['unread', 'first'])('may be left (%s)', async (how) => {
    const answer = await ask({ method: 'POST', path: `/read/${how}`, body: hello });
    expect(answer.status).toBe(200);
  });

  it.runIf(contract.can.expect)('is sent when it is asked for', async () => {
    const socket = socketTo(run.server.place);
    let text = '';
    const got = async (fragment: string): Promise<void> => {
      while (!text.includes(fragment)) {
        text += String(await new Promise((resolve) => socket.once('data', resolve)));
      }
    };
    const head = 'HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n';
    socket.write(`POST /read/late ${head}`);
    await got('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('hello');
    await got('\r\n\r\nhello');
    socket.write(`POST /read/unread ${head}`);
    await got('unread');
    expect(text.match(/100 Continue/g)).toHaveLength(1);
    expect(text).toContain('Connection: close');
    socket.destroy();
  });
}
