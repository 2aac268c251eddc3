import { FakeClock } from '@needletail/testkit/fake-clock';
import { describe, expect, it } from 'vitest';
import { AddressCache } from './address-cache.ts';

function cacheOf(answers: (string[] | Error)[]) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const cache = new AddressCache(clock, (host) => {
    asked.push(host);
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? []);
  });
  return { clock, asked, cache };
}

describe('AddressCache.addressesOf', () => {
  it('asks once for those who want a name at the same time', async () => {
    const { asked, cache } = cacheOf([['192.0.2.1']]);
    const both = await Promise.all([cache.addressesOf('a.test'), cache.addressesOf('a.test')]);
    expect(both).toEqual([['192.0.2.1'], ['192.0.2.1']]);
    expect(asked).toEqual(['a.test']);
  });

  it('answers at once for ten seconds, then asks again', async () => {
    const { clock, asked, cache } = cacheOf([['192.0.2.1'], ['192.0.2.2']]);
    await cache.addressesOf('a.test');
    clock.advance(9_999);
    expect(cache.addressesOf('a.test')).toEqual(['192.0.2.1']);
    clock.advance(1);
    expect(await cache.addressesOf('a.test')).toEqual(['192.0.2.2']);
    expect(asked).toHaveLength(2);
  });

  it('does not remember a failure', async () => {
    const { cache } = cacheOf([new Error('no such name'), ['192.0.2.1']]);
    await expect(cache.addressesOf('a.test')).rejects.toThrowError('no such name');
    expect(await cache.addressesOf('a.test')).toEqual(['192.0.2.1']);
  });
});
