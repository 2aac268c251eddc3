import { ServerError } from '../errors.ts';

/**
 * What is wrong with a graph of providers, or with the use of a scope. Errors of factories are not wrapped, except by `start`.
 *
 *     ServerError
 *     └── InjectError            path: from who asked to what was asked for
 *         │                      found by compile, check and start:
 *         │                        MISSING_PROVIDER · PROVIDER_CYCLE · SHORT_LIVED_NEED
 *         │                      at registration:
 *         │                        DUPLICATE_PROVIDER · UNKNOWN_OVERRIDE · CONTAINER_STARTED
 *         │                      in use:
 *         │                        SCOPE_CLOSED · CONTAINER_CLOSED · WRONG_SCOPE
 *         │                        START_TIMED_OUT · CLOSE_TIMED_OUT
 *         └── InjectFailures     START_FAILED · DISPOSE_FAILED; errors, each as it was thrown
 */
export class InjectError extends ServerError {
  override readonly name: string = 'InjectError';
  /** Names of tokens, behind the place that asked; the one that is at fault is last. */
  readonly path: readonly string[];

  constructor(code: string, reason: string, path: readonly string[], remedy: string) {
    const problem = PROBLEMS[code] ?? 'Nothing injected';
    super({ code, problem, reason, where: path.join(' → '), remedy });
    this.path = path;
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  DUPLICATE_PROVIDER: 'Provider refused',
  CONTAINER_STARTED: 'Provider refused',
  UNKNOWN_OVERRIDE: 'Override refused',
  MISSING_PROVIDER: 'Injection refused',
  PROVIDER_CYCLE: 'Injection refused',
  SHORT_LIVED_NEED: 'Injection refused',
  START_FAILED: 'Container not started',
  START_TIMED_OUT: 'Container not started',
  CLOSE_TIMED_OUT: 'Disposal incomplete',
  DISPOSE_FAILED: 'Disposal incomplete',
};

/** Several failures at once: all of them were tried, and each is in `errors` as it was thrown. */
export class InjectFailures extends InjectError {
  override readonly name = 'InjectFailures';
  readonly errors: readonly unknown[];

  constructor(
    code: 'START_FAILED' | 'DISPOSE_FAILED',
    failures: readonly { readonly name: string; readonly error: unknown }[],
  ) {
    const names = failures.map(({ name }) => name);
    const verb = code === 'START_FAILED' ? 'create' : 'dispose';
    const first = failures[0]!.error;
    const said = first instanceof Error ? first.message : String(first);
    super(
      code,
      `${verb} of ${names.map((name) => `"${name}"`).join(', ')} failed, first with: ${said}`,
      names,
      'Look at `errors`, where each is as it was thrown',
    );
    this.errors = failures.map(({ error }) => error);
    this.cause = first;
  }
}
