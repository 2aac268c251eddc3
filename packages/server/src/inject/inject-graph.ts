import { InjectError } from './inject-error.ts';
import type { FactoryNode, InjectNode, NodeNeed } from './inject-node.ts';
import type { FactoryProvider, Provider } from './provider.ts';
import { RequestToken, type Needs, type Token } from './token.ts';

/** A provider as it is kept, whatever the type of its value. */
export type AnyProvider = Provider<unknown, Needs>;

/**
 * Finds for each token its provider, and for that what it needs, down to the last one; refuses what cannot work. A part that
 * was found good is not looked at again.
 */
export class InjectGraph {
  readonly #providers: ReadonlyMap<Token<unknown>, AnyProvider>;
  readonly #nodes = new Map<Token<unknown>, InjectNode>();
  #singletonCount = 0;
  #requestCount = 0;

  /** The map may grow afterwards, but what is in it stays. */
  constructor(providers: ReadonlyMap<Token<unknown>, AnyProvider>) {
    this.#providers = providers;
  }

  /** `path` leads to who asks. Throws InjectError: MISSING_PROVIDER, PROVIDER_CYCLE, SHORT_LIVED_NEED. */
  needsOf(needs: Needs, path: readonly string[]): readonly NodeNeed[] {
    return this.#needsOf(needs, path, new Set());
  }

  nodeOf(wanted: Token<unknown>): InjectNode {
    return this.#nodeOf(wanted, [], new Set());
  }

  #needsOf(
    needs: Needs,
    path: readonly string[],
    above: ReadonlySet<Token<unknown>>,
  ): readonly NodeNeed[] {
    return Object.entries(needs).map(([key, wanted]) => ({
      key,
      node: this.#nodeOf(wanted, path, above),
    }));
  }

  #nodeOf(
    wanted: Token<unknown>,
    above: readonly string[],
    tokensAbove: ReadonlySet<Token<unknown>>,
  ): InjectNode {
    const known = this.#nodes.get(wanted);
    if (known !== undefined) return known;
    const path = [...above, wanted.name];
    if (tokensAbove.has(wanted)) {
      throw new InjectError(
        'PROVIDER_CYCLE',
        `"${wanted.name}" is needed to create "${wanted.name}"`,
        path,
        'Break the circle: take out of one of them what both need',
      );
    }
    const node = this.#makeNode(wanted, path, new Set(tokensAbove).add(wanted));
    this.#nodes.set(wanted, node);
    return node;
  }

  #makeNode(
    wanted: Token<unknown>,
    path: readonly string[],
    tokens: ReadonlySet<Token<unknown>>,
  ): InjectNode {
    const { name } = wanted;
    if (wanted === RequestToken) return { life: 'context', name, requestPath: [name] };
    const provider = this.#providers.get(wanted);
    if (provider === undefined) {
      throw new InjectError(
        'MISSING_PROVIDER',
        `nothing provides "${name}"`,
        path,
        'Provide it before routes are compiled; tokens are compared by identity, not by name',
      );
    }
    if ('value' in provider) {
      return { life: 'constant', name, value: provider.value, requestPath: null };
    }
    return this.#makeFactoryNode(wanted, provider, path, tokens);
  }

  #makeFactoryNode(
    { name }: Token<unknown>,
    provider: FactoryProvider<unknown, Needs>,
    path: readonly string[],
    tokens: ReadonlySet<Token<unknown>>,
  ): FactoryNode {
    const needs = this.#needsOf(provider.needs ?? {}, path, tokens);
    const shortLived = needs.find(({ node }) => node.requestPath !== null)?.node.requestPath;
    if (provider.scope === 'singleton' && shortLived) {
      const last = shortLived.at(-1)!;
      throw new InjectError(
        'SHORT_LIVED_NEED',
        `"${name}" is a singleton and would keep "${last}" of one request for all`,
        [...path, ...shortLived],
        `Give "${name}" the scope 'request', or pass in what it needs of the request`,
      );
    }
    return {
      life: provider.scope,
      name,
      slot: this.#slotFor(provider),
      needs,
      requestPath: requestPathOf(name, provider, shortLived ?? null),
      create: provider.create as FactoryNode['create'],
      dispose: provider.dispose ?? null,
    };
  }

  #slotFor({ scope }: FactoryProvider<unknown, Needs>): number {
    if (scope === 'transient') return -1;
    return scope === 'singleton' ? this.#singletonCount++ : this.#requestCount++;
  }
}

function requestPathOf(
  name: string,
  { scope }: FactoryProvider<unknown, Needs>,
  below: readonly string[] | null,
): readonly string[] | null {
  if (scope === 'singleton') return null;
  if (scope === 'request') return [name];
  return below === null ? null : [name, ...below];
}
