import type { TracedMessage } from '@needletail/load';
import { describe, expect, it } from 'vitest';
import { formatMessage } from './format-message.ts';
import { displayWidth } from './text-width.ts';

const at = { name: 'WS /chat', connection: 1, atMs: 12.34 } as const;
const dataOf = (bytes: Buffer): { sizeBytes: number; head: Uint8Array } => ({
  sizeBytes: bytes.length,
  head: bytes.subarray(0, 2048),
});
const text = (said: string): TracedMessage => ({
  ...at,
  type: 'received',
  isText: true,
  data: dataOf(Buffer.from(said)),
});

describe('formatMessage', () => {
  it('gives each message a line, marked by where it went', () => {
    const messages: readonly TracedMessage[] = [
      { ...at, type: 'opened', url: 'ws://host/chat', headers: [['Upgrade', 'websocket']] },
      { ...text('hello'), type: 'sent' } as TracedMessage,
      { ...at, type: 'received', isText: false, data: dataOf(Buffer.from([0, 1, 255])) },
      { ...at, type: 'event', event: 'price', id: '7', data: dataOf(Buffer.from('{"sku":1}')) },
      { ...at, type: 'event', event: 'message', id: '', data: dataOf(Buffer.alloc(5000, 'x')) },
      { ...at, type: 'closing', code: 1000, reason: '' },
      { ...at, type: 'closed', code: 1000, reason: 'see you', error: null },
      { ...at, type: 'ended', error: null },
    ];
    expect(messages.map((message) => formatMessage(message, 80)).join('\n')).toMatchInlineSnapshot(`
      "> WS ws://host/chat
      < HTTP/1.1 101 Switching Protocols
      < Upgrade: websocket
        WS /chat #1  open after 12.3 ms

      > WS /chat #1    12.3 ms  text        5 B  hello
      < WS /chat #1    12.3 ms  binary      3 B  00 01 ff
      < WS /chat #1    12.3 ms  event       9 B  price (id 7)  {"sku":1}
      < WS /chat #1    12.3 ms  event   5.00 kB  message  xxxxxxxxxxxxxxxxxxxxxxxxxxx…
      > WS /chat #1    12.3 ms  close            1000
      < WS /chat #1    12.3 ms  close            1000 see you
        WS /chat #1    12.3 ms  end"
    `);
  });

  it('tells what went wrong in whole, on lines of its own', () => {
    const error = 'Cannot connect: nothing listens there (127.0.0.1:9). Start the target.';
    const told = formatMessage({ ...at, type: 'closed', code: 1006, reason: '', error }, 40);
    expect(told).toMatchInlineSnapshot(`
      "! WS /chat #1    12.3 ms  broken
      ! Cannot connect: nothing listens there
      ! (127.0.0.1:9). Start the target."
    `);
    expect(formatMessage({ ...at, type: 'refused', url: 'ws://host/', error }, 40)).toMatch(
      /^> WS ws:\/\/host\/\n! Cannot connect/,
    );
    expect(formatMessage({ ...at, type: 'ended', error }, 80)).toMatch(/^! .* broken\n! Cannot/);
  });

  it.each([40, 80, 140])('keeps to %i columns, whatever was said', (width) => {
    const named = { ...text('日本語 \u001b[31m\n'.repeat(500)), name: 'WS /a'.repeat(50) };
    const told = formatMessage(named, width);
    expect(told).not.toContain('\n');
    expect(told).not.toContain('\u001b');
    expect(displayWidth(told)).toBeLessThanOrEqual(Math.max(width, 64));
  });
});
