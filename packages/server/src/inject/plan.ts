// Hot: for a route that injects nothing, or singletons that are there, `open` and `resolve` allocate nothing.
// The caller opens a scope per request and closes it, whatever happened.
// Guarded by bench/src/inject-scopes.ts and by lifetime-memory.test.ts.
import { InjectError } from './inject-error.ts';
import type { NodeNeed } from './inject-node.ts';
import { Lifetime } from './lifetime.ts';

/** What belongs to one request. */
export interface InjectionScope {
  /** Aborts when the scope is closed; made when it is asked for. */
  readonly signal: AbortSignal;
  /**
   * Waits for factories under way, and disposes of everything in reverse order of creation; what is made no more is refused.
   * Rejects with InjectFailures (DISPOSE_FAILED) when all was tried. Gives no promise when there is nothing to wait for.
   */
  close(): void | Promise<void>;
}

/** What a route asked for, checked and put in order once. */
export interface InjectionPlan<Values> {
  /** False when nothing asked for belongs to a request: then `open` gives one scope to all, and costs nothing. */
  readonly usesScope: boolean;
  /** A scope for one request; plans of one container can share it, so that they share its request-scoped values. */
  open(request: unknown): InjectionScope;
  /**
   * The values directly when all are there or are made at once, else a promise; fails with what a factory throws, or with
   * InjectError SCOPE_CLOSED when the request is over before all is there.
   */
  resolve(scope: InjectionScope): Values | Promise<Values>;
}

/** The scope of requests that need none. */
const NO_SCOPE: InjectionScope = Object.freeze({
  get signal() {
    return AbortSignal.any([]);
  },
  close: () => undefined,
});

export class LifetimePlan<Values> implements InjectionPlan<Values> {
  readonly usesScope: boolean;
  readonly #root: Lifetime;
  readonly #needs: readonly NodeNeed[];
  readonly #where: string;
  /** The same for all requests, once it is complete. */
  #settled: Values | null;

  constructor(root: Lifetime, needs: readonly NodeNeed[], where: string) {
    this.#root = root;
    this.#needs = needs;
    this.#where = where;
    this.usesScope = needs.some(
      ({ node }) => node.life === 'transient' || node.requestPath !== null,
    );
    this.#settled = needs.length === 0 ? (Object.freeze({}) as Values) : null;
  }

  open(request: unknown): InjectionScope {
    return this.usesScope ? new Lifetime(this.#root, request) : NO_SCOPE;
  }

  resolve(scope: InjectionScope): Values | Promise<Values> {
    if (!this.usesScope) return this.#resolveShared();
    if (!(scope instanceof Lifetime) || scope.root !== this.#root || scope === this.#root) {
      throw new InjectError(
        'WRONG_SCOPE',
        'the scope was opened by another container, or by a plan without request-scoped needs',
        [this.#where],
        'Open the scope by a plan of this container whose `usesScope` is true',
      );
    }
    scope.refuseIfClosed(this.#where);
    const values = scope.gather(this.#needs);
    if (!(values instanceof Promise)) return values as Values;
    return values.then((all) => {
      scope.refuseIfClosed(this.#where);
      return all as Values;
    });
  }

  #resolveShared(): Values | Promise<Values> {
    if (this.#needs.length > 0) this.#root.refuseIfClosed(this.#where);
    if (this.#settled !== null) return this.#settled;
    const values = this.#root.gather(this.#needs);
    if (values instanceof Promise) return values.then((all) => this.#settle(all as Values));
    return this.#settle(values as Values);
  }

  #settle(values: Values): Values {
    this.#settled = Object.freeze(values);
    return values;
  }
}
