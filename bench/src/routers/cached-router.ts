// The most recent lookups kept in front of another router: at best a look into a map, at worst that and the lookup; and
// with parameters in paths most paths are new. Matches are shared between requests, so callers must not change them.
import type { FindResult, RouteEntry, Router } from '@needletail/server/router';

const MOST_KEPT = 1000;

export class CachedRouter<Value> implements Router<Value> {
  readonly #router: Router<Value>;
  readonly #kept = new Map<string, FindResult<Value>>();

  constructor(router: Router<Value>) {
    this.#router = router;
  }

  add(method: string, pattern: string, value: Value, where?: string): void {
    this.#router.add(method, pattern, value, where);
    this.#kept.clear();
  }

  find(method: string, path: string): FindResult<Value> {
    const key = `${method} ${path}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      // A map keeps the order of insertion: what is asked for goes to the end, and the beginning is the oldest.
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept;
    }
    const found = this.#router.find(method, path);
    if (this.#kept.size >= MOST_KEPT) {
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest);
        break;
      }
    }
    this.#kept.set(key, found);
    return found;
  }

  allowed(path: string): readonly string[] {
    return this.#router.allowed(path);
  }

  routes(): readonly RouteEntry<Value>[] {
    return this.#router.routes();
  }
}
