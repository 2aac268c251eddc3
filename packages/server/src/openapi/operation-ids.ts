import { OpenApiError } from './openapi-error.ts';
import type { RouteInfo } from '../app/route.ts';

const IDENTIFIER = /^[A-Za-z][A-Za-z0-9_]*$/;

/** Gives each operation of a document a name that no other has, the same each time. */
export class OperationIds {
  /** Who has it. */
  readonly #taken = new Map<string, RouteInfo>();
  readonly #handlerUses = new Map<string, number>();

  /** Names that routes were given are theirs. Throws OpenApiError: DUPLICATE_OPERATION_ID. */
  constructor(routes: readonly RouteInfo[]) {
    for (const route of routes) {
      const { operationId } = route.options;
      if (operationId === undefined) {
        const { handlerName } = route;
        this.#handlerUses.set(handlerName, (this.#handlerUses.get(handlerName) ?? 0) + 1);
        continue;
      }
      const other = this.#taken.get(operationId);
      if (other === undefined) this.#taken.set(operationId, route);
      else if (!isSameRoute(other, route)) throw duplicate(operationId, other, route);
    }
  }

  /**
   * What the route was given, else the name of its handler if no other has it, else `getUsersById` of method and path.
   * `isFirst` of the paths that the route stands for; the others have names of their own.
   */
  idFor(route: RouteInfo, path: string, isFirst: boolean): string {
    const { operationId } = route.options;
    if (operationId !== undefined) {
      const owner = this.#taken.get(operationId)!;
      if (owner === route && isFirst) return operationId;
      return this.#take(route, operationId + capitalised(wordsOf(route, path)));
    }
    const { handlerName } = route;
    const isOwn = this.#handlerUses.get(handlerName) === 1 && !this.#taken.has(handlerName);
    const isUsable = isFirst && isOwn && IDENTIFIER.test(handlerName);
    return this.#take(route, isUsable ? handlerName : wordsOf(route, path));
  }

  #take(route: RouteInfo, wanted: string): string {
    let id = wanted;
    for (let number = 2; this.#taken.has(id); number += 1) id = `${wanted}${number}`;
    this.#taken.set(id, route);
    return id;
  }
}

/** One registered for several methods at once. */
function isSameRoute(a: RouteInfo, b: RouteInfo): boolean {
  return a.options === b.options && a.pattern === b.pattern;
}

/** `GET /users/{id}/posts` is `getUsersByIdPosts`. */
function wordsOf({ method }: RouteInfo, path: string): string {
  const words = path.split('/').flatMap((segment) => {
    const isParameter = segment.startsWith('{');
    const own = segment.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
    return isParameter ? ['By', ...own] : own;
  });
  return method.toLowerCase() + (words.map(capitalised).join('') || 'Root');
}

export function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function duplicate(id: string, first: RouteInfo, second: RouteInfo): OpenApiError {
  const placeOf = ({ method, pattern, where }: RouteInfo): string =>
    `${method} ${pattern}${where === '' ? '' : ` at ${where}`}`;
  return new OpenApiError(
    'DUPLICATE_OPERATION_ID',
    `"${id}" is the operationId of ${placeOf(first)} too`,
    placeOf(second),
    'Give each route an operationId of its own, or none',
  );
}
