import { describe, expect, it } from 'vitest';
import { fakeShell } from '../process/shell.fixture.ts';
import { serve } from './serve.ts';

describe('serve', () => {
  it('prints where it listens, and closes on Ctrl-C as its ordinary end', async () => {
    const { shell, stdout, stderr } = fakeShell();
    let closed = false;
    const served = serve({ port: '0', host: '127.0.0.1' }, shell, async ({ port, host }) => {
      expect([port, host]).toEqual([0, '127.0.0.1']);
      setImmediate(() => process.emit('SIGINT'));
      return {
        url: 'http://127.0.0.1:4321/',
        port: 4321,
        close: async () => {
          closed = true;
        },
      };
    });
    expect(await served).toBe(0);
    expect(closed).toBe(true);
    expect(stdout()).toContain('http://127.0.0.1:4321/delay/50');
    expect(stderr()).toBe('Ctrl-C stops it.\n');
    expect(process.listenerCount('SIGINT')).toBe(0);
  });

  it.each(['http', '-1', '70000', '1.5', ''])('refuses port %j', async (port) => {
    const { shell } = fakeShell();
    await expect(
      serve({ port, host: '127.0.0.1' }, shell, () => expect.unreachable()),
    ).rejects.toMatchObject({ code: 'BAD_PORT' });
  });
});
