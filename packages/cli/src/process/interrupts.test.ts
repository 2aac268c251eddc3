import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { watchInterrupts } from './interrupts.ts';

function watch() {
  const source = new EventEmitter();
  const ends: number[] = [];
  const interrupts = watchInterrupts((code) => ends.push(code), source);
  return { source, ends, interrupts };
}

describe('watchInterrupts', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('%s asks for an orderly end and sets exit code %d', (name, code) => {
    const { source, ends, interrupts } = watch();
    expect([interrupts.signal.aborted, interrupts.exitCode]).toEqual([false, null]);
    source.emit(name);
    expect([interrupts.signal.aborted, interrupts.exitCode]).toEqual([true, code]);
    expect(ends).toEqual([]);
  });

  it('ends at once at the second signal, with that signal’s code', () => {
    const { source, ends } = watch();
    source.emit('SIGINT');
    source.emit('SIGTERM');
    expect(ends).toEqual([143]);
  });

  it('leaves the signals to the system afterwards', () => {
    const { source, interrupts } = watch();
    interrupts.dispose();
    expect(source.eventNames()).toEqual([]);
  });
});
