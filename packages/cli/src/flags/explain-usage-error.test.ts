import { describe, expect, it } from 'vitest';
import { fakeShell } from '../process/shell.fixture.ts';
import { runCommand } from '../program.ts';

async function usage(...argv: string[]): Promise<string> {
  const { shell, stdout, stderr } = fakeShell();
  expect(await runCommand(argv, shell, { runLoad: () => expect.unreachable() })).toBe(2);
  expect(stdout()).toBe('');
  return stderr();
}

describe('explainUsageError', () => {
  it('says what is wrong in one line, with the nearest flag', async () => {
    expect(await usage('http://host', '--thresold', 'x')).toBe(
      'needletail: Unknown flag: there is none of that name (--thresold). Did you mean --threshold? All of them: needletail --help.\n',
    );
    expect(await usage('serve', '--prt', '3')).toContain('Did you mean --port?');
    expect(await usage('http://host', '-c')).toBe(
      'needletail: Flag without its value: something has to follow it (-c, --connections <n>). See needletail --help.\n',
    );
    expect(await usage('run')).toBe(
      'needletail: Argument missing: the command needs it (<file>). See needletail --help.\n',
    );
    expect(await usage('http://a', 'http://b')).toContain('Expected 1 argument but got 2');
    expect(await usage('serve', 'lunch')).toBe(
      'needletail: Unknown argument: there is none of that name (lunch). Known: demo. See needletail --help.\n',
    );
    expect(await usage('hepl')).toContain('Did you mean needletail help?');
  });
});
