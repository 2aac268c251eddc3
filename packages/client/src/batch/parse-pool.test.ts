import { startLeakCheck } from '@needletail/testkit/leak-check';
import { afterEach, describe, expect, it } from 'vitest';
import { WorkerError } from '../errors.ts';
import { parseInWorkers, type ParseInWorkers, type ParseWorkersOptions } from './parse-pool.ts';

/** A module whose function does what its item says. */
const MODULE = `data:text/javascript,${encodeURIComponent(`
  import { threadId } from 'node:worker_threads';
  export default async function parse(bytes, item) {
    if (item === 'throw') throw new RangeError('out of bounds');
    if (item === 'exit') process.exit(3);
    if (item === 'spin') for (;;);
    if (item === 'function') return () => 1;
    if (item === 'thread') return threadId;
    if (item === 'late') { setTimeout(() => { throw new TypeError('late'); }); await new Promise(() => {}); }
    return { text: new TextDecoder().decode(bytes), owns: bytes.buffer.byteLength === bytes.length, item };
  }
  export const length = (bytes) => bytes.length;
`)}`;

describe('parseInWorkers', () => {
  const open: ParseInWorkers<unknown>[] = [];
  const start = (options: ParseWorkersOptions = {}, module = MODULE): ParseInWorkers<unknown> => {
    const parse = parseInWorkers(module, { workers: 1, ...options });
    open.push(parse);
    return parse;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((parse) => parse.close()));
  });

  it('calls the function with a copy of the bytes, and with the item', async () => {
    const parse = start();
    const shared = Buffer.from('hello world').subarray(0, 5);
    expect(await parse(shared, { id: 1 })).toEqual({ text: 'hello', owns: true, item: { id: 1 } });
    expect(shared.toString()).toBe('hello');
  });

  it('takes whatever has bytes', async () => {
    const parse = start({ exportName: 'length' });
    expect(await parse({ bytes: () => Buffer.from('four') })).toBe(4);
  });

  it('uses as many threads as it may', async () => {
    const parse = start({ workers: 2 });
    const ids = await Promise.all(Array.from({ length: 40 }, () => parse(Buffer.of(), 'thread')));
    expect(new Set(ids).size).toBe(2);
  });

  it('rejects with what the function threw as the cause, and goes on', async () => {
    const parse = start();
    const failed = parse(Buffer.of(), 'throw');
    await expect(failed).rejects.toBeInstanceOf(WorkerError);
    await expect(failed).rejects.toMatchObject({
      code: 'PARSE_FAILED',
      cause: { name: 'RangeError', message: 'out of bounds' },
    });
    expect(await parse(Buffer.from('x'))).toMatchObject({ text: 'x' });
  });

  it.each(['exit', 'late'])(
    'loses one body to a thread that dies (%s), and replaces it',
    async (item) => {
      const parse = start();
      const lost = parse(Buffer.of(), item);
      const next = parse(Buffer.from('next'));
      await expect(lost).rejects.toMatchObject({ code: 'WORKER_CRASHED' });
      expect(await next).toMatchObject({ text: 'next' });
    },
  );

  it('ends a thread that takes too long, and replaces it', async () => {
    const parse = start({ timeoutMs: 100 });
    await expect(parse(Buffer.of(), 'spin')).rejects.toMatchObject({ code: 'PARSE_TIMEOUT' });
    const calm = start();
    expect(await calm(Buffer.from('y'))).toMatchObject({ text: 'y' });
  });

  it.each([
    ['a result', 'function'],
    ['an item', () => 1],
  ])('rejects %s that cannot be sent between threads', async (_, item) => {
    const parse = start();
    await expect(parse(Buffer.of(), item)).rejects.toMatchObject({ code: 'PARSE_FAILED' });
    expect(await parse(Buffer.from('z'))).toMatchObject({ text: 'z' });
  });

  it('refuses more than may wait', async () => {
    const parse = start({ maxQueue: 1 });
    const taken = [parse(Buffer.from('1')), parse(Buffer.from('2'))];
    expect(parse.waiting).toBe(1);
    await expect(parse(Buffer.from('3'))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(await Promise.all(taken)).toMatchObject([{ text: '1' }, { text: '2' }]);
  });

  it.each([
    ['data:text/javascript,export const other = 1', 'exports no function default, only: other'],
    ['data:text/javascript,throw new Error("cannot load")', 'cannot load'],
  ])('says what is wrong with a module', async (module, message) => {
    const parse = start({}, module);
    await expect(parse(Buffer.of())).rejects.toThrow(message);
  });

  it('rejects what is under way when it is closed, and all that comes later', async () => {
    const leaks = startLeakCheck();
    const parse = start();
    const underWay = [parse(Buffer.of(), 'spin'), parse(Buffer.of())];
    const outcomes = Promise.allSettled(underWay);
    await parse.close();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'POOL_CLOSED' } });
    }
    await expect(parse(Buffer.of())).rejects.toMatchObject({ code: 'POOL_CLOSED' });
    expect(await leaks.leaked()).toEqual(new Map());
  });
});
