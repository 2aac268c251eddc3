import { describe, expect, it } from 'vitest';
import { runtimeName } from '../process/runtime-name.ts';
import { fakeShell } from '../process/shell.fixture.ts';
import { backends, findCapabilities } from './backends.ts';

describe('backends', () => {
  it('lists what there is, one line each, and succeeds', () => {
    const { shell, stdout, stderr } = fakeShell();
    expect(backends(shell)).toBe(0);
    expect(stdout()).toContain(runtimeName());
    for (const { name, note } of findCapabilities()) {
      expect(stdout()).toMatch(new RegExp(`^${name} .*${note.slice(0, 10)}`, 'm'));
    }
    expect(stderr()).toBe('');
  });

  it('says which ways a server takes, why, and what decides', () => {
    const { shell, stdout } = fakeShell();
    backends(shell);
    expect(stdout()).toMatch(/^server +wire +the default; .*NEEDLETAIL_SERVER=wire\|node/m);
    expect(stdout()).toMatch(/^sockets +direct .*NEEDLETAIL_SOCKETS=plain/m);
    expect(stdout()).toMatch(/^mask +words64 .*NEEDLETAIL_MASK/m);
  });

  it('does not promise HTTP/2', () => {
    expect(findCapabilities().find(({ name }) => name === 'HTTP/2')?.state).toBe('not yet');
  });
});
