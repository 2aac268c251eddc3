// Allocates: nothing for a URL object or a name met before. The client gives the same object for the same URL text as long as
// it keeps it, so identity is the cheapest key there is.
import type { ClientRequest, RequestUrl } from '@needletail/client';
import type { ScriptNames } from '../collect/script-names.ts';
import { patternOf } from './url-pattern.ts';

/** URLs remembered for each method; beyond that all are forgotten, which costs one look at each of them again. */
const MOST_KEPT = 2048;

/** Which endpoint a request counts for: the one it was named, else `GET /cart/:id`, with the host where that is another. */
export class EndpointNames {
  readonly #names: ScriptNames;
  readonly #origin: string | null;
  readonly #byMethod = new Map<string, Map<RequestUrl, number>>();

  /** `origin` is that of the target. */
  constructor(names: ScriptNames, origin: string | null) {
    this.#names = names;
    this.#origin = origin;
  }

  placeOf(request: ClientRequest): number {
    return request.name === null
      ? this.placeOfUrl(request.method, request.url)
      : this.#names.endpoint(request.name);
  }

  placeOfName(name: string): number {
    return this.#names.endpoint(name);
  }

  placeOfUrl(method: string, url: RequestUrl): number {
    let known = this.#byMethod.get(method);
    if (known === undefined) {
      known = new Map();
      this.#byMethod.set(method, known);
    }
    return known.get(url) ?? this.#lookUp(known, method, url);
  }

  /** `WS /chat`, and for messages whatever follows. */
  nameOf(method: string, url: RequestUrl): string {
    const host = this.#origin === null || url.origin === this.#origin ? '' : url.host;
    return `${method} ${host}${patternOf(url.target)}`;
  }

  #lookUp(known: Map<RequestUrl, number>, method: string, url: RequestUrl): number {
    const place = this.#names.endpoint(this.nameOf(method, url));
    if (known.size >= MOST_KEPT) known.clear();
    known.set(url, place);
    return place;
  }
}
