import { describe, expect, it } from 'vitest';
import { AbortedError, ReadError } from '../errors.ts';
import type { RequestOptions } from '../model/client-options.ts';
import type { BatchClient } from './batch-client.ts';
import { gather, type GatherProgress } from './gather.ts';

/** Answers a URL with itself, later, and counts how many it has at once; `/fail` fails, `/hang` waits for its signal. */
class EchoClient implements BatchClient<string> {
  readonly started: string[] = [];
  readonly aborted: string[] = [];
  peak = 0;
  #active = 0;

  async request(method: string, url: string, options: RequestOptions = {}): Promise<string> {
    this.started.push(url);
    this.#active += 1;
    this.peak = Math.max(this.peak, this.#active);
    try {
      await new Promise((resolve) => void setImmediate(resolve));
      if (url === '/fail') throw broken(url);
      if (url === '/hang') await this.#untilAborted(url, options.signal!);
      return `${method} ${url}`;
    } finally {
      this.#active -= 1;
    }
  }

  send(): Promise<string> {
    return Promise.resolve('built');
  }

  #untilAborted(url: string, signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
      const onAbort = (): void => {
        this.aborted.push(url);
        reject(AbortedError.of(signal));
      };
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort);
    });
  }
}

function broken(url: string): ReadError {
  return new ReadError({
    code: 'RESET',
    phase: 'head',
    problem: 'Broken',
    reason: 'on purpose',
    remedy: 'None',
    url,
  });
}

function urls(count: number): { url: string }[] {
  return Array.from({ length: count }, (_, index) => ({ url: `/${index}` }));
}

describe('gather', () => {
  it('gives five responses in the order of the requests', async () => {
    const results = await gather(new EchoClient(), urls(5));
    expect(results).toEqual(['GET /0', 'GET /1', 'GET /2', 'GET /3', 'GET /4']);
  });

  it('keeps the order also where a later request is answered first', async () => {
    const client = new EchoClient();
    const slow = new Promise<void>((resolve) => void setTimeout(resolve, 20));
    const request = client.request.bind(client);
    client.request = async (method, url, options) => {
      if (url === '/0') await slow;
      return request(method, url, options);
    };
    expect(await gather(client, urls(3))).toEqual(['GET /0', 'GET /1', 'GET /2']);
    expect(client.started).toEqual(['/1', '/2', '/0']);
  });

  it('gives nothing for nothing', async () => {
    expect(await gather(new EchoClient(), [])).toEqual([]);
  });

  it('has as many requests in flight as concurrency says, and no more', async () => {
    const client = new EchoClient();
    await gather(client, urls(20), { concurrency: 3 });
    expect(client.peak).toBe(3);
  });

  it('has ten in flight unless told otherwise', async () => {
    const client = new EchoClient();
    await gather(client, urls(30));
    expect(client.peak).toBe(10);
  });

  it('takes URLs, requests in parts and an iterable that is read as it goes', async () => {
    const client = new EchoClient();
    let taken = 0;
    function* source(): Generator<string | { method: string; url: URL }> {
      for (const input of ['/a', { method: 'POST', url: new URL('http://h/b') }]) {
        taken += 1;
        yield input;
      }
    }
    const results = await gather(client, source(), { concurrency: 1 });
    expect(results).toEqual(['GET /a', 'POST http://h/b']);
    expect(taken).toBe(2);
  });

  it('cancels the others at the first error, waits for them, and rejects with it', async () => {
    const client = new EchoClient();
    const requests = ['/hang', '/fail', '/hang', '/never'];
    const batch = gather(client, requests, { concurrency: 3 });
    await expect(batch).rejects.toMatchObject({ code: 'RESET', url: '/fail' });
    expect(client.aborted).toEqual(['/hang', '/hang']);
    expect(client.started).not.toContain('/never');
  });

  it('puts an error in its place under onError: return, and the others come back', async () => {
    const results = await gather(new EchoClient(), ['/0', '/fail', '/2'], { onError: 'return' });
    expect(results[0]).toBe('GET /0');
    expect(results[1]).toBeInstanceOf(ReadError);
    expect(results[2]).toBe('GET /2');
  });

  it.each(['throw', 'return'] as const)('rejects when its signal aborts (%s)', async (onError) => {
    const client = new EchoClient();
    const controller = new AbortController();
    const batch = gather(client, ['/hang', '/hang'], { onError, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(batch).rejects.toMatchObject({ code: 'ABORTED' });
    expect(client.aborted).toHaveLength(2);
  });

  it('sends nothing when its signal had aborted before', async () => {
    const client = new EchoClient();
    const batch = gather(client, urls(3), { signal: AbortSignal.abort() });
    await expect(batch).rejects.toBeInstanceOf(AbortedError);
    expect(client.started).toEqual([]);
  });

  it('tells its progress, and the total once it is known', async () => {
    const seen: GatherProgress[] = [];
    await gather(new EchoClient(), ['/0', '/fail', '/2'], {
      onError: 'return',
      concurrency: 1,
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen).toEqual([
      { done: 1, failed: 0, total: 3 },
      { done: 2, failed: 1, total: 3 },
      { done: 3, failed: 1, total: 3 },
    ]);
  });

  it('rejects with what the source of the requests threw, and sends no more', async () => {
    const client = new EchoClient();
    function* source(): Generator<string> {
      yield '/hang';
      throw new RangeError('out of requests');
    }
    await expect(gather(client, source())).rejects.toThrow('out of requests');
    expect(client.aborted).toEqual(['/hang']);
  });

  it('closes a source that it does not read to its end', async () => {
    let isClosed = false;
    function* source(): Generator<string> {
      try {
        yield '/fail';
        yield '/never';
      } finally {
        isClosed = true;
      }
    }
    await expect(gather(new EchoClient(), source(), { concurrency: 1 })).rejects.toThrow('Broken');
    expect(isClosed).toBe(true);
  });

  it('refuses a concurrency of none', async () => {
    await expect(gather(new EchoClient(), [], { concurrency: 0 })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });
});
