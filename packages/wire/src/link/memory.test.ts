import { FakeClock } from '@needletail/testkit/fake-clock';
import { describeLinkContract } from '@needletail/testkit/link-contract';
import { LinkProbe } from '@needletail/testkit/link-probe';
import { describe, expect, it } from 'vitest';
import { memoryPair, MemoryNetwork } from './memory.ts';

describeLinkContract('memory', {
  start: (accept) =>
    Promise.resolve({ connector: new MemoryNetwork(accept), close: () => Promise.resolve() }),
  can: { reset: true, holdProcess: false },
});

function joinedProbes(clock: FakeClock): { left: LinkProbe; right: LinkProbe } {
  const pair = memoryPair(clock, { readBytes: 4 });
  const left = new LinkProbe();
  const right = new LinkProbe();
  left.link = pair.left;
  right.link = pair.right;
  pair.left.attach(left);
  pair.right.attach(right);
  return { left, right };
}

describe('memoryPair', () => {
  it('does nothing until the clock lets it', () => {
    const clock = new FakeClock();
    const { left, right } = joinedProbes(clock);
    expect(left.events).toEqual([]);
    clock.flush();
    left.link.write('hello');
    expect(right.events).toEqual(['open']);
    clock.flush();
    expect(right.events).toEqual(['open', 'bytes', 'bytes']);
    expect(right.text).toBe('hello');
  });

  it('overwrites the buffer after delivery, as a shared one would be', () => {
    const clock = new FakeClock();
    const { left, right } = joinedProbes(clock);
    clock.flush();
    let kept: Buffer = Buffer.alloc(0);
    right.onBytes = (buffer, end) => (kept = buffer.subarray(0, end));
    left.link.write('abcd');
    clock.flush();
    expect(kept.toString('latin1')).not.toBe('abcd');
  });

  it('copies what is written, so that the writer may reuse its bytes', () => {
    const clock = new FakeClock();
    const { left, right } = joinedProbes(clock);
    clock.flush();
    const bytes = Buffer.from('mine');
    left.link.write(bytes);
    bytes.fill(0);
    clock.flush();
    expect(right.text).toBe('mine');
  });

  it('resets an end that writes to one that was destroyed', () => {
    const clock = new FakeClock();
    const { left, right } = joinedProbes(clock);
    clock.flush();
    right.link.destroy();
    clock.flush();
    expect(left.events).toEqual(['open', 'end']);
    expect(left.link.write('anyone?')).toBe(false);
    clock.flush();
    expect(left.closeReason).toMatchObject({ code: 'RESET' });
  });
});
