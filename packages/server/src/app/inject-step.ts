import type { Container } from '../inject/container.ts';
import type { InjectionScope } from '../inject/plan.ts';
import type { InputStep } from './compile-route.ts';
import type { AnyContext } from './middleware.ts';
import type { Route } from './route.ts';

export interface InjectSteps {
  readonly step: InputStep;
  /** Disposes of what was made for a request; null where nothing ever is. */
  readonly dispose: ((c: AnyContext) => void) | null;
}

/**
 * Gives the handler of a route what it asked for with `inject`. Null where it asked for nothing; a route that asks for
 * singletons alone opens no scope. Throws InjectError for what nobody provides.
 */
export function injectSteps(
  { method, pattern, options, where }: Route,
  container: Container,
  report: (error: unknown, c: AnyContext) => void,
): InjectSteps | null {
  const { inject } = options;
  if (inject === undefined || Object.keys(inject).length === 0) return null;
  const place = where === '' ? `${method} ${pattern}` : `${method} ${pattern} at ${where}`;
  const plan = container.compile(inject, place);
  const scopes = new WeakMap<AnyContext, InjectionScope>();
  const step: InputStep = (c) => {
    const scope = plan.open(c);
    if (plan.usesScope) scopes.set(c, scope);
    const values: unknown = plan.resolve(scope);
    if (!(values instanceof Promise)) return c.takeInjected(values);
    return takeWhenMade(c, scope, values);
  };
  if (!plan.usesScope) return { step, dispose: null };
  const dispose = (c: AnyContext): void => {
    const closing = scopes.get(c)?.close();
    closing?.catch((error: unknown) => report(error, c));
  };
  return { step, dispose };
}

/** When the request ends meanwhile so does the scope: its factories are told, and those they wait for are not started. */
async function takeWhenMade(
  c: AnyContext,
  scope: InjectionScope,
  values: Promise<unknown>,
): Promise<void> {
  const { signal } = c;
  // Closed again, and reported, when the request is done.
  const end = (): void => void scope.close()?.catch(() => undefined);
  if (signal.aborted) end();
  else signal.addEventListener('abort', end);
  try {
    c.takeInjected(await values);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', end);
  }
}
