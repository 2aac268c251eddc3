import { describe, expect, it } from 'vitest';
import { OutputFileError, TargetCommandError, UsageError } from '../errors.ts';
import { reportError } from './report-error.ts';
import { fakeShell } from './shell.fixture.ts';

function report(error: unknown, env: Record<string, string> = {}): { text: string; code: number } {
  const { shell, stderr } = fakeShell({ env });
  const code = reportError(error, shell);
  return { text: stderr(), code };
}

describe('reportError', () => {
  it('prints one line and asks for exit code 2', () => {
    const errors = [
      new UsageError('BAD_PORT', 'Bad port: no (x). Fix it.'),
      new OutputFileError('OUTPUT_NOT_WRITABLE', '/x', 'Bad port: no (x). Fix it.'),
      Object.assign(new Error('Bad port: no (x). Fix it.'), { code: 'BAD_PLAN' }),
    ];
    for (const error of errors) {
      expect(report(error)).toEqual({ text: 'needletail: Bad port: no (x). Fix it.\n', code: 2 });
    }
  });

  it('calls a defect a defect, without its stack', () => {
    const { text, code } = report(new TypeError('x is not a function'));
    expect(text).toMatch(
      /^needletail: Unexpected failure: x is not a function\. .*NEEDLETAIL_DEBUG=1.*\n$/,
    );
    expect(code).toBe(2);
    expect(report('just text').text).toContain('Unexpected failure: just text.');
  });

  it('shows the stack and the cause’s when debugging', () => {
    const cause = new RangeError('deep');
    const { text } = report(new Error('shallow', { cause }), { NEEDLETAIL_DEBUG: '1' });
    expect(text).toMatch(/Error: shallow\n\s+at /);
    expect(text).toMatch(/caused by RangeError: deep\n\s+at /);
  });

  it('shows below the message what a target wrote before it died', () => {
    const { text } = report(new TargetCommandError('TARGET_DIED', 'It died.', 'one\ntwo'));
    expect(text).toBe('needletail: It died.\n  | one\n  | two\n');
  });
});
