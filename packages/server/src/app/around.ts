// Runs for each middleware of each request; one that returns what `next()` gave, as it is, costs two closures and no promise.
// Guarded by bench/src/server-frameworks.ts.
import { HandlerError } from '../errors.ts';
import type { Handle } from './middleware.ts';
import type { AnyHandler } from './route.ts';

/**
 * Middleware around what comes after it. One that returns nothing though it called `next()` leaves the answer as it is; what fails
 * behind one that did not wait for it is reported, as nobody else can take it any more.
 */
export function around(handle: Handle, next: AnyHandler): AnyHandler {
  return (c) => {
    let isCalled = false;
    let isReturned = false;
    let isAnswered = false;
    let inner: unknown;
    /** An error of a promise that nobody waits for ends the process. */
    const follow = (): void => {
      if (!(inner instanceof Promise)) return;
      inner.then(undefined, (error: unknown) => {
        if (isAnswered) c.report(error);
      });
    };
    let value: unknown;
    try {
      value = handle(c, () => {
        if (isCalled) throw new HandlerError('next() was called twice', handle.name);
        isCalled = true;
        inner = next(c);
        if (isReturned) follow();
        return inner;
      });
    } catch (error) {
      follow();
      throw error;
    }
    if (value === inner) return value;
    isReturned = true;
    if (value === undefined) return inner;
    follow();
    if (!(value instanceof Promise)) {
      isAnswered = true;
      return value;
    }
    return value.then((given: unknown) => {
      if (given === undefined) return inner;
      isAnswered = true;
      return given;
    });
  };
}
