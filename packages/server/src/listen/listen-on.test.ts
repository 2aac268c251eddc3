import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BackendName } from './backend.ts';
import type { Listening } from './exchange.ts';
import { listenOn } from './listen-on.ts';

let listening: Listening | undefined;

afterEach(async () => {
  vi.unstubAllEnvs();
  await listening?.close({ graceMs: 0 });
  listening = undefined;
});

async function answerOf(name: BackendName | undefined): Promise<string> {
  listening = await listenOn(name, (request, reply) => reply.send(200, '', request.target));
  return (await fetch(`http://127.0.0.1:${listening.port}/here`)).text();
}

describe('listenOn', () => {
  it.each([undefined, 'wire' as const, 'node' as const])('serves for %s', async (name) => {
    expect(await answerOf(name)).toBe('/here');
  });

  it('refuses a backend that nobody knows, and says which there are', async () => {
    vi.stubEnv('NEEDLETAIL_SERVER', 'apache');
    await expect(listenOn(undefined, () => {})).rejects.toMatchObject({
      code: 'UNKNOWN_BACKEND',
      message: expect.stringContaining('apache (NEEDLETAIL_SERVER). Use wire') as unknown,
    });
  });

  it('refuses a backend that this runtime lacks, and says what to do', async () => {
    await expect(listenOn('bun', () => {})).rejects.toMatchObject({
      code: 'NO_BACKEND',
      message:
        'Server not started: this is not Bun (bun, by server option). Leave it out: wire runs here.',
    });
  });

  it('prefers the option to the variable', async () => {
    vi.stubEnv('NEEDLETAIL_SERVER', 'apache');
    expect(await answerOf('wire')).toBe('/here');
  });
});
