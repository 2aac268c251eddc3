import {
  lastStep,
  referencesIn,
  schemaAt,
  textBehind,
  textOf,
  withoutDefinitions,
} from './local-references.ts';
import { mapSubschemas } from './map-subschemas.ts';
import type { JsonSchema } from './openapi-types.ts';
import type { SchemaSide } from './schema-source.ts';

const PREFIX = '#/components/schemas/';

/** How a component is called that has no name of its own, and which side of a schema it is. */
export interface SchemaUse {
  readonly name: string;
  readonly side: SchemaSide;
}

/**
 * The schemas of a document that have names. All are counted first and placed afterwards: one that is used several times, or
 * leads to itself, becomes a component, and so does what a schema defines beside itself; every use of these is a `$ref`.
 */
export class SchemaComponents {
  readonly #uses = new Map<string, number>();
  /** Names by the text of what is behind them, so that equal ones are one. */
  readonly #names = new Map<string, string>();
  readonly #schemas = new Map<string, JsonSchema>();
  readonly #onLost: (reference: string) => void;

  /** `onLost` is told of references that lead nowhere, in place of which stands `{}`. */
  constructor(onLost: (reference: string) => void) {
    this.#onLost = onLost;
  }

  /** First of all, for each use. */
  count(schema: JsonSchema): void {
    const text = textOf(schema);
    this.#uses.set(text, (this.#uses.get(text) ?? 0) + 1);
  }

  /** What stands at the place of use. */
  place(schema: JsonSchema, use: SchemaUse): JsonSchema {
    const isUsedAgain = (this.#uses.get(textOf(schema)) ?? 0) > 1 && isCompound(schema);
    const isReference = typeof schema['$ref'] === 'string';
    if (isUsedAgain && !isReference) return this.#referTo(schema, '#', use);
    return this.#resolved(schema, schema, use);
  }

  /** The schema itself, where a component stands for it. */
  follow(schema: JsonSchema): JsonSchema {
    const reference = schema['$ref'];
    if (typeof reference !== 'string' || !reference.startsWith(PREFIX)) return schema;
    return this.#schemas.get(reference.slice(PREFIX.length)) ?? schema;
  }

  /** In the order of their names; undefined when there are none. */
  get schemas(): Readonly<Record<string, JsonSchema>> | undefined {
    if (this.#schemas.size === 0) return undefined;
    return Object.fromEntries([...this.#schemas].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A copy whose references lead into the components. One that leads to itself is nothing but a reference. */
  #resolved(schema: JsonSchema, root: JsonSchema, use: SchemaUse): JsonSchema {
    if (schema === root && referencesIn(root).includes('#')) return this.#referTo(root, '#', use);
    return this.#resolvedWithin(schema, root, use);
  }

  #resolvedWithin(schema: JsonSchema, root: JsonSchema, use: SchemaUse): JsonSchema {
    const change = (inner: JsonSchema): JsonSchema => {
      const copy = mapSubschemas(withoutDefinitions(inner), change);
      const reference = copy['$ref'];
      if (typeof reference !== 'string' || !reference.startsWith('#')) return copy;
      const { $ref: _, ...beside } = copy;
      return { ...beside, ...this.#referTo(root, reference, use) };
    };
    return change(schema);
  }

  #referTo(root: JsonSchema, reference: string, use: SchemaUse): JsonSchema {
    const schema = schemaAt(root, reference);
    if (schema === undefined) {
      this.#onLost(reference);
      return {};
    }
    const text = textBehind(root, reference);
    let name = this.#names.get(text);
    if (name === undefined) {
      name = this.#freeName(nameOf(schema, reference, use), use.side);
      this.#names.set(text, name);
      // Taken before it is filled, as it may lead to itself.
      this.#schemas.set(name, {});
      this.#schemas.set(name, this.#resolvedWithin(schema, root, use));
    }
    return { $ref: PREFIX + name };
  }

  #freeName(wanted: string, side: SchemaSide): string {
    const clean = wanted.replaceAll(/[^A-Za-z0-9._-]+/g, '_') || 'Schema';
    if (!this.#schemas.has(clean)) return clean;
    const sided = clean + (side === 'input' ? 'Input' : 'Output');
    let name = sided;
    for (let number = 2; this.#schemas.has(name); number += 1) name = `${sided}${number}`;
    return name;
  }
}

/** Its own name, else the one it is defined under, else one for its use. */
function nameOf(schema: JsonSchema, reference: string, { name }: SchemaUse): string {
  for (const own of [schema['id'], schema['$id'], schema['title']]) {
    if (typeof own === 'string' && /^[\w.-]+$/.test(own)) return own;
  }
  const step = lastStep(reference);
  return step === '' || step.startsWith('__') ? name : step;
}

/** Whether there is anything in it that would be written twice: a bare string is shorter than a reference. */
function isCompound(schema: JsonSchema): boolean {
  return Object.entries(schema).some(
    ([key, value]) => key !== 'type' && typeof value === 'object' && value !== null,
  );
}
