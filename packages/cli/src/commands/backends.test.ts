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

  it('does not promise HTTP/2', () => {
    expect(findCapabilities().find(({ name }) => name === 'HTTP/2')?.state).toBe('not yet');
  });
});
