import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { describe, expect, it } from 'vitest';
import { LivePanel, type Terminal } from './live-panel.ts';
import { snapshot } from './live-snapshot.fixture.ts';

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

function open(): { panel: LivePanel; clock: FakeClock; terminal: Terminal; written: () => string } {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 30 });
  const chunks: string[] = [];
  terminal.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  const clock = new FakeClock();
  const panel = new LivePanel({
    terminal,
    color: false,
    target: 'http://host/',
    description: '50 users for 10s',
    clock,
  });
  const written = () => {
    terminal.read();
    return chunks.splice(0).join('');
  };
  return { panel, clock, terminal, written };
}

describe('LivePanel', () => {
  it('draws four times a second at most, however often it is updated', () => {
    const { panel, clock, written } = open();
    expect(written()).toContain('http://host/');
    for (let update = 0; update < 100; update += 1) {
      panel.update(snapshot(1));
      clock.advance(1);
    }
    expect(written()).toBe('');
    clock.advance(150);
    expect(written()).toContain('18,300/s');
    panel.stop();
  });

  it('moves the bar between two looks', () => {
    const { panel, clock, written } = open();
    panel.update(snapshot(4));
    clock.advance(250);
    written();
    clock.advance(1000);
    expect(stripVTControlCharacters(written())).toContain('52%  4s left');
    panel.stop();
  });

  it('follows the terminal when it is made narrower', () => {
    const { panel, clock, terminal, written } = open();
    panel.update(snapshot(4));
    clock.advance(250);
    written();
    Object.assign(terminal, { columns: 50 });
    terminal.emit('resize');
    // 16 lines, and three of them (bar, ledger, generator) now take two rows.
    expect(written()).toContain('\u001b[19A\r\u001b[J');
    clock.advance(250);
    const bars = stripVTControlCharacters(written())
      .split('\n')
      .filter((line) => line.includes('━'));
    expect(bars.map((line) => line.trimEnd().length)).toEqual([49]);
    panel.stop();
  });

  it('redraws what has moved when it grows', () => {
    const { panel, clock, written } = open();
    written();
    panel.update(snapshot(1));
    clock.advance(250);
    expect(written()).toContain('Ctrl-C ends the run');
    panel.stop();
  });

  it('prints warnings above itself', () => {
    const { panel, written } = open();
    written();
    panel.say('needletail: the machine is busy');
    expect(written()).toContain('needletail: the machine is busy');
    panel.stop();
  });

  it('gives the cursor back, and draws nothing after it was stopped', () => {
    const { panel, clock, written } = open();
    panel.stop();
    panel.stop();
    const text = written();
    expect(text.lastIndexOf(showCursor)).toBeGreaterThan(text.lastIndexOf(hideCursor));
    clock.advance(10_000);
    expect(written()).toBe('');
  });

  it('leaves no listener behind', () => {
    const before = process.listenerCount('exit');
    const { panel } = open();
    panel.stop();
    expect(process.listenerCount('exit')).toBe(before);
  });
});
