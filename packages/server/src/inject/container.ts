import { InjectError, InjectFailures } from './inject-error.ts';
import { InjectGraph, type AnyProvider } from './inject-graph.ts';
import type { InjectNode } from './inject-node.ts';
import { Lifetime } from './lifetime.ts';
import { LifetimePlan, type InjectionPlan } from './plan.ts';
import type { NoNeeds, Provider } from './provider.ts';
import { RequestToken, type Injected, type Needs, type Token } from './token.ts';
import { within } from './within.ts';

/** Tokens with the value that each is to stand for. */
export type Overrides<Values extends readonly unknown[]> = {
  readonly [Index in keyof Values]: readonly [Token<Values[Index]>, NoInfer<Values[Index]>];
};

export interface TimeLimit {
  /** How long all of it together may take; 30,000 unless given. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

/** Providers by token, the graph of what they need, and the singletons that were made. */
export class Container {
  readonly #providers: Map<Token<unknown>, AnyProvider>;
  readonly #graph: InjectGraph;
  readonly #root: Lifetime = new Lifetime(null, undefined);
  #isStarted = false;

  constructor() {
    this.#providers = new Map();
    this.#graph = new InjectGraph(this.#providers);
  }

  /** Scopes that were opened and not closed; those of plans that need none are not counted. */
  get openScopes(): number {
    return this.#root.openScopes;
  }

  /** Throws InjectError: DUPLICATE_PROVIDER, or CONTAINER_STARTED, as the graph is fixed from `start` on. */
  provide<Value, const Wanted extends Needs = NoNeeds>(
    wanted: Token<Value>,
    provider: Provider<NoInfer<Value>, Wanted>,
  ): this {
    if (this.#isStarted || this.#root.isClosed) {
      throw new InjectError(
        'CONTAINER_STARTED',
        `"${wanted.name}" is provided after the start`,
        [wanted.name],
        'Provide everything before `start`',
      );
    }
    if (this.#providers.has(wanted) || wanted === RequestToken) {
      throw new InjectError(
        'DUPLICATE_PROVIDER',
        `"${wanted.name}" is provided already`,
        [wanted.name],
        'Provide it once; tests use `with` or `override`',
      );
    }
    this.#providers.set(wanted, provider as AnyProvider);
    return this;
  }

  /**
   * Finds everything that leads to `needs`, once; `where` begins the path in messages: `GET /users at app.ts:12`.
   * Throws InjectError: MISSING_PROVIDER, PROVIDER_CYCLE, SHORT_LIVED_NEED.
   */
  compile<const Wanted extends Needs>(
    needs: Wanted,
    where: string,
  ): InjectionPlan<Injected<Wanted>> {
    return new LifetimePlan(this.#root, this.#graph.needsOf(needs, [where]), where);
  }

  /** Throws as `compile` does, for every provider, asked for or not. */
  check(): void {
    this.#allNodes();
  }

  /**
   * Checks every provider and makes the singletons that are not lazy, side by side as far as they do not need each other.
   * Rejects with InjectFailures (START_FAILED) or InjectError (START_TIMED_OUT, CONTAINER_CLOSED); then it may be called
   * again, and makes what is missing. What was made is disposed of by `close`, after a failed start too.
   */
  async start({ timeoutMs = TIMEOUT_MS }: TimeLimit = {}): Promise<void> {
    this.#root.refuseIfClosed('start');
    const nodes = this.#allNodes();
    this.#isStarted = true;
    const eager = nodes.filter(
      ([provider, node]) => node.life === 'singleton' && !isLazy(provider),
    );
    const making = Promise.allSettled(eager.map(async ([, node]) => this.#root.obtain(node)));
    const timedOut = (): InjectError => this.#timedOut('START_TIMED_OUT', 'made', timeoutMs);
    const made = await within(making, timeoutMs, timedOut, this.#root.signal);
    const failures = made.flatMap((result, at) =>
      result.status === 'rejected'
        ? [{ name: eager[at]![1].name, error: result.reason as unknown }]
        : [],
    );
    if (failures.length > 0) throw new InjectFailures('START_FAILED', failures);
  }

  /**
   * Waits for singletons that are being made and disposes of all in reverse order of creation; rejects with InjectFailures
   * (DISPOSE_FAILED) when all was tried, or InjectError (CLOSE_TIMED_OUT), and then goes on behind. Close it when the last
   * request is over: scopes are not waited for.
   */
  async close({ timeoutMs = TIMEOUT_MS }: TimeLimit = {}): Promise<void> {
    const closing = this.#root.close();
    if (closing === undefined) return;
    await within(closing, timeoutMs, () =>
      this.#timedOut('CLOSE_TIMED_OUT', 'disposed of', timeoutMs),
    );
  }

  /**
   * A container of its own with other values, for tests: `container.with([[Db, fake]])`. It makes singletons of its own; what
   * is replaced is never made. Throws InjectError UNKNOWN_OVERRIDE for what this container does not provide.
   */
  with<const Values extends readonly unknown[]>(overrides: Overrides<Values>): Container {
    const copy = this.#copy();
    for (const [wanted, value] of overrides) copy.#replace(wanted, { value });
    return copy;
  }

  /** As `with`, for one token and a provider of any kind. */
  override<Value, const Wanted extends Needs = NoNeeds>(
    wanted: Token<Value>,
    provider: Provider<NoInfer<Value>, Wanted>,
  ): Container {
    const copy = this.#copy();
    copy.#replace(wanted, provider as AnyProvider);
    return copy;
  }

  #copy(): Container {
    const copy = new Container();
    for (const [wanted, provider] of this.#providers) copy.#providers.set(wanted, provider);
    return copy;
  }

  #replace(wanted: Token<unknown>, provider: AnyProvider): void {
    if (!this.#providers.has(wanted)) {
      throw new InjectError(
        'UNKNOWN_OVERRIDE',
        `"${wanted.name}" is not provided, so nothing would use it`,
        [wanted.name],
        'Override a token that is provided; tokens are compared by identity, not by name',
      );
    }
    this.#providers.set(wanted, provider);
  }

  #allNodes(): [AnyProvider, InjectNode][] {
    return [...this.#providers].map(([wanted, provider]) => [provider, this.#graph.nodeOf(wanted)]);
  }

  #timedOut(code: string, done: string, timeoutMs: number): InjectError {
    const { busyWith } = this.#root;
    const names = busyWith.map((name) => `"${name}"`).join(', ');
    return new InjectError(
      code,
      `${names} not ${done} within ${timeoutMs} ms`,
      busyWith,
      'Allow a longer timeoutMs, or give it a time limit of its own',
    );
  }
}

function isLazy(provider: AnyProvider): boolean {
  return 'lazy' in provider && provider.lazy === true;
}
