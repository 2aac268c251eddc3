import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findProgram } from '@needletail/testkit/programs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/needletail.js', import.meta.url));
/** A tmux server of its own for each test: one that is ending would refuse the next. */
let session = '';
let sessions = 0;

function tmux(...argv: readonly string[]): string {
  return execFileSync('tmux', ['-L', session, ...argv], { encoding: 'utf8', stdio: 'pipe' });
}

let server: Server;
beforeAll(async () => {
  server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());
afterEach(() => tmux('kill-server'));

/** What the terminal shows once it shows `text`. */
async function screenWith(text: string | RegExp): Promise<string> {
  let screen = '';
  for (let tries = 0; tries < 150; tries += 1) {
    screen = tmux('capture-pane', '-p', '-t', session);
    if (typeof text === 'string' ? screen.includes(text) : text.test(screen)) return screen;
    await after(100);
  }
  throw new Error(`The terminal never showed ${String(text)}:\n${screen}`);
}

function startRun(flags: string): void {
  sessions += 1;
  session = `needletail-test-${process.pid}-${sessions}`;
  const { port } = server.address() as AddressInfo;
  const command = `stty -a | grep -o '.icanon'; ${process.execPath} ${bin} http://127.0.0.1:${port}/ ${flags}; echo "code $?"; stty -a | grep -oE -- '-?icanon' | sed 's/^/mode /'; sleep 60`;
  tmux('new-session', '-d', '-s', session, '-x', '120', '-y', '50', 'bash', '-c', command);
}

describe.skipIf(findProgram('tmux') === null)('needletail in a terminal', () => {
  it('pauses, resumes, changes and ends by keys, and gives the terminal back', async () => {
    startRun('-u 10 -d 60s --think 20ms');
    await screenWith('+ - changes 10 users');
    tmux('send-keys', '-t', session, ' ');
    await screenWith('paused · space resumes');
    tmux('send-keys', '-t', session, ' ');
    await screenWith('space pauses');
    tmux('send-keys', '-t', session, '+');
    await screenWith('changes 11 users');
    tmux('send-keys', '-t', session, 'q');
    const screen = await screenWith(/mode \S*icanon/);
    expect(screen).toContain('mode icanon');
    expect(screen).toContain('code 0');
    expect(screen).toMatch(/The run was changed while it went: paused at/);
  }, 30_000);

  it('drains at Ctrl-C as it does without keys', async () => {
    startRun('-u 2 -d 60s --think 20ms');
    await screenWith('space pauses');
    tmux('send-keys', '-t', session, 'C-c');
    const screen = await screenWith(/mode \S*icanon/);
    expect(screen).toContain('mode icanon');
    expect(screen).toContain('code 130');
  }, 30_000);

  it('gives the terminal back at a signal that ends it at once', async () => {
    startRun('-u 2 -d 60s --think 20ms');
    await screenWith('space pauses');
    tmux('send-keys', '-t', session, 'C-\\');
    expect(await screenWith(/mode \S*icanon/)).toContain('mode icanon');
  }, 30_000);
});
