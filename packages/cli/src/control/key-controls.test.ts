import { EventEmitter } from 'node:events';
import { RunControl, type Plan } from '@needletail/load';
import { describe, expect, it } from 'vitest';
import { KeyControls, keysLine } from './key-controls.ts';

function open(isRunning = true) {
  const modes: boolean[] = [];
  let isPaused = false;
  const keyboard = Object.assign(new EventEmitter(), {
    isTTY: true,
    setRawMode: (mode: boolean) => modes.push(mode),
    resume: () => undefined,
    pause: () => (isPaused = true),
  });
  const control = new RunControl();
  if (isRunning) {
    const plan = {
      load: { kind: 'constant', users: 10, durationMs: 60_000 },
      script: null,
      maxRequests: null,
      seed: 1,
      warmupMs: 0,
    };
    control.attach({
      plan: plan as unknown as Plan,
      startedAt: performance.now(),
      steer: () => undefined,
      stop: () => undefined,
    });
  }
  const said: string[] = [];
  const raised: string[] = [];
  const keys = new KeyControls({
    keyboard,
    control,
    say: (line) => said.push(line),
    raise: (signal) => raised.push(signal),
  });
  const press = (text: string): void => void keyboard.emit('data', Buffer.from(text));
  return { keys, control, press, modes, said, raised, isPaused: () => isPaused };
}

describe('KeyControls', () => {
  it('pauses and resumes with space, changes by a tenth, ends with q', () => {
    const { keys, control, press } = open();
    press(' ');
    press(' ');
    press('+');
    press('-');
    press('q');
    const done = control.events.map(({ action, value }) => [action, value]);
    expect(done).toEqual([
      ['pause', null],
      ['resume', null],
      ['users', 11],
      ['users', expect.any(Number)],
      ['stop', null],
    ]);
    keys.close();
  });

  it('takes several keys from one read, and nothing from an escape sequence', () => {
    const { keys, control, press } = open();
    press('  ');
    press('\u001b[A');
    press('\u001b[1;5q');
    press('xyz\r');
    expect(control.events.map(({ action }) => action)).toEqual(['pause', 'resume']);
    keys.close();
  });

  it('passes on what the terminal would have made a signal of', () => {
    const { keys, press, raised, modes } = open();
    press('\u0003');
    expect([raised, modes]).toEqual([['SIGINT'], [true]]);
    press('\u001a');
    expect([raised, modes]).toEqual([
      ['SIGINT', 'SIGTSTP'],
      [true, false],
    ]);
    process.emit('SIGCONT');
    expect(modes).toEqual([true, false, true]);
    keys.close();
  });

  it('says why a key has no effect', () => {
    const { keys, press, said } = open(false);
    press(' ');
    expect(said).toEqual([expect.stringContaining('the run has not started')]);
    keys.close();
  });

  it('gives the terminal back, and leaves no listener behind', () => {
    const count = (): number[] =>
      (['exit', 'SIGCONT'] as const).map((name) => process.listenerCount(name));
    const before = count();
    const { keys, press, control, modes, isPaused } = open();
    keys.close();
    press('q');
    expect([modes, isPaused(), control.events]).toEqual([[true, false], true, []]);
    expect(count()).toEqual(before);
  });
});

describe('keysLine', () => {
  it.each([
    ['running', 50, null, 'space pauses · + - changes 50 users · q or Ctrl-C'],
    ['running', null, 2000, 'changes 2,000/s'],
    ['running', 1, 20, 'changes 1 user, 20.0/s'],
    ['paused', 50, null, 'space resumes'],
    ['warming-up', 50, null, 'q or Ctrl-C ends the run and reports what happened'],
  ] as const)('%s with %s users and %s/s', (state, users, rate, expected) => {
    expect(keysLine({ state, users, rate, pausedMs: 0, streams: [] })).toContain(expected);
  });
});
