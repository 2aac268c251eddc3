import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Set in CI, where everything is installed: a test that would be skipped for want of a program fails instead. */
const REQUIRE_ALL = 'NEEDLETAIL_REQUIRE_ALL';

/**
 * Path of a program that a test needs but a checkout does not bring, or null, having said that its tests are skipped
 * and why. Throws where nothing may be skipped.
 */
export function findProgram(name: string): string | null {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((candidate) => existsSync(candidate));
  if (path !== undefined) return path;
  if (process.env[REQUIRE_ALL] !== undefined) {
    throw new Error(
      `A test needs a program that is missing: ${name} (${REQUIRE_ALL} is set). Install it.`,
    );
  }
  process.stderr.write(`skipped: tests that need ${name}, which is not installed here\n`);
  return null;
}
