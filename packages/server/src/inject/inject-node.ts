import type { FactoryContext } from './provider.ts';

/** What one name of `needs` leads to. */
export interface NodeNeed {
  readonly key: string;
  readonly node: InjectNode;
}

export type NodeValues = Readonly<Record<string, unknown>>;

interface NodeBase {
  readonly name: string;
  /** Names from here down to what lives no longer than a request; null when there is nothing like that. */
  readonly requestPath: readonly string[] | null;
}

/** There from the beginning. */
interface ConstantNode extends NodeBase {
  readonly life: 'constant';
  readonly value: unknown;
}

/** What the scope was opened with. */
interface ContextNode extends NodeBase {
  readonly life: 'context';
}

export interface FactoryNode extends NodeBase {
  readonly life: 'singleton' | 'request' | 'transient';
  /** Where the lifetime it belongs to keeps it; those of singletons and of scopes are counted apart. -1 of a transient. */
  readonly slot: number;
  readonly needs: readonly NodeNeed[];
  readonly create: (needs: NodeValues, context: FactoryContext) => unknown;
  readonly dispose: ((value: unknown) => unknown) | null;
}

/** A provider with everything it needs found: the graph that factories run along. */
export type InjectNode = ConstantNode | ContextNode | FactoryNode;
