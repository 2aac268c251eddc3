// Hot: with request-scoped needs a scope is this object, its array of values, and one object of needs for each factory.
// The caller has checked the graph (./inject-graph.ts): nothing here can wait for itself, or outlive what it needs.
// Guarded by bench/src/inject-scopes.ts and by lifetime-memory.test.ts.
import { disposeAll, type Disposal } from './dispose-all.ts';
import { InjectError } from './inject-error.ts';
import type { FactoryNode, InjectNode, NodeNeed, NodeValues } from './inject-node.ts';
import type { FactoryContext } from './provider.ts';

/** Stands for a value that was made and is undefined: an empty slot is one that was not made. */
const NOTHING: unique symbol = Symbol('nothing');

interface Named {
  readonly name: string;
}

/** What lives together and ends together: the singletons of a container, or what one request made. */
export class Lifetime implements FactoryContext {
  /** What the scope was opened with; undefined of a container. */
  readonly request: unknown;
  /** The container's, of a scope; itself, of the container's. */
  readonly root: Lifetime;
  readonly #made: unknown[] = [];
  /** What is being made: by its node when others may ask for it too, else by itself. */
  #pending: Map<Named, Promise<unknown>> | null = null;
  /** In the order of creation. */
  #disposals: Disposal[] | null = null;
  /** What is being disposed of. */
  #ending: string | null = null;
  #controller: AbortController | null = null;
  #isClosed = false;
  #openScopes = 0;
  #closing: Promise<void> | null = null;

  constructor(root: Lifetime | null, request: unknown) {
    this.root = root ?? this;
    this.request = request;
    if (root !== null) root.#openScopes += 1;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Scopes that were opened here and are not closed. */
  get openScopes(): number {
    return this.#openScopes;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isClosed) this.#controller.abort(this.#closedError([]));
    return this.#controller.signal;
  }

  /** Names of what is being made or, when nothing is, disposed of. */
  get busyWith(): readonly string[] {
    const making = [...(this.#pending?.keys() ?? [])].map(({ name }) => name);
    return making.length > 0 || this.#ending === null ? making : [this.#ending];
  }

  /** The value, or a promise of it while it is being made; throws what its factory throws at once. */
  obtain(node: InjectNode): unknown {
    switch (node.life) {
      case 'constant':
        return node.value;
      case 'context':
        return this.request;
      case 'singleton':
        return this.root.#shared(node);
      case 'request':
        return this.#shared(node);
      case 'transient':
        return this.#make(node, { name: node.name });
    }
  }

  /** All values by their names, at once when all are there, else a promise. */
  gather(needs: readonly NodeNeed[]): NodeValues | Promise<NodeValues> {
    const values: Record<string, unknown> = {};
    let waiting: Promise<void>[] | null = null;
    try {
      for (const { key, node } of needs) {
        const got = this.obtain(node);
        values[key] = got;
        // What a factory made is never a promise, it was awaited; a value that was given may be one, and is left alone.
        if (got instanceof Promise && node.life !== 'constant' && node.life !== 'context') {
          waiting ??= [];
          waiting.push(
            got.then((value: unknown) => {
              values[key] = value;
            }),
          );
        }
      }
    } catch (error) {
      // Nobody will wait for these any more; `close` still does, for what they make.
      for (const abandoned of waiting ?? []) abandoned.catch(() => undefined);
      throw error;
    }
    return waiting === null ? values : Promise.all(waiting).then(() => values);
  }

  /**
   * Waits for what is being made and disposes of everything in reverse order of creation; rejects with InjectFailures when
   * all was tried and some of it failed. Gives no promise when there is nothing to wait for.
   */
  close(): void | Promise<void> {
    if (this.#isClosed) return this.#closing ?? undefined;
    this.#isClosed = true;
    if (this.root !== this) this.root.#openScopes -= 1;
    this.#controller?.abort(this.#closedError([]));
    const isPending = this.#pending !== null && this.#pending.size > 0;
    if (!isPending && this.#disposals === null) return undefined;
    this.#closing = this.#disposeOfAll();
    return this.#closing;
  }

  async #disposeOfAll(): Promise<void> {
    if (this.#pending !== null) await Promise.allSettled(this.#pending.values());
    const disposals = this.#disposals ?? [];
    this.#disposals = null;
    this.#made.length = 0;
    await disposeAll(disposals, (name) => {
      this.#ending = name;
    });
  }

  #shared(node: FactoryNode): unknown {
    const made = this.#made[node.slot];
    if (made !== undefined && !this.#isClosed) return made === NOTHING ? undefined : made;
    return this.#pending?.get(node) ?? this.#make(node, node);
  }

  #make(node: FactoryNode, key: Named): unknown {
    this.refuseIfClosed(node.name);
    const needs = this.gather(node.needs);
    const made =
      needs instanceof Promise
        ? needs.then((values) => {
            this.refuseIfClosed(node.name);
            return node.create(values, this);
          })
        : node.create(needs, this);
    if (!isThenable(made)) return this.#keep(node, made);
    return this.#track(
      key,
      Promise.resolve(made).then((value) => this.#keep(node, value)),
    );
  }

  #keep(node: FactoryNode, value: unknown): unknown {
    if (node.slot >= 0) this.#made[node.slot] = value === undefined ? NOTHING : value;
    if (node.dispose !== null) {
      this.#disposals ??= [];
      this.#disposals.push({ name: node.name, value, dispose: node.dispose });
    }
    return value;
  }

  /** Forgets it as soon as it settled, before anybody who waits is told: whoever asks again after a failure starts anew. */
  #track(key: Named, promise: Promise<unknown>): Promise<unknown> {
    const pending = (this.#pending ??= new Map());
    pending.set(key, promise);
    const forget = (): void => void pending.delete(key);
    promise.then(forget, forget);
    return promise;
  }

  refuseIfClosed(...path: readonly string[]): void {
    if (this.#isClosed) throw this.#closedError(path);
  }

  #closedError(path: readonly string[]): InjectError {
    return this.root === this
      ? new InjectError(
          'CONTAINER_CLOSED',
          'the container is closed',
          path,
          'Close it when no request is under way any more',
        )
      : new InjectError(
          'SCOPE_CLOSED',
          'the scope is closed, as its request is over',
          path,
          'Ask before the request ends',
        );
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { readonly then?: unknown }).then === 'function'
  );
}
