/**
 * A value as it arrives after `JSON.stringify` and `JSON.parse`: what has `toJSON` is what that gives, a `Date` text; members
 * that are functions, symbols or undefined are gone, and in arrays null. A bigint, which JSON cannot hold, is `never`.
 */
export type Jsonified<Value> = unknown extends Value
  ? Value
  : Value extends string | number | boolean | null
    ? Value
    : Value extends { toJSON(...args: never[]): infer Json }
      ? Jsonified<Json>
      : Value extends bigint | Dropped
        ? never
        : Value extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
          ? Record<never, never>
          : Value extends readonly unknown[]
            ? { [Index in keyof Value]: JsonifiedElement<Value[Index]> }
            : Value extends object
              ? JsonifiedMembers<Value>
              : never;

/** What objects lose. */
type Dropped = undefined | symbol | ((...args: never[]) => unknown);

type JsonifiedElement<Element> =
  | (Extract<Element, Dropped> extends never ? never : null)
  | Jsonified<Exclude<Element, Dropped>>;

/** One object, with the members that may be gone made optional. */
type JsonifiedMembers<Value extends object> = Flat<
  {
    [Key in keyof Value as KeptAlways<Key, Value[Key]>]: Jsonified<Value[Key]>;
  } & {
    [Key in keyof Value as KeptSometimes<Key, Value[Key]>]?: Jsonified<
      Exclude<Value[Key], Dropped>
    >;
  }
>;

type KeptAlways<Key, Member> = Key extends symbol
  ? never
  : unknown extends Member
    ? Key
    : Extract<Member, Dropped> extends never
      ? Key
      : never;

type KeptSometimes<Key, Member> = Key extends symbol
  ? never
  : unknown extends Member
    ? never
    : [Extract<Member, Dropped>] extends [never]
      ? never
      : [Exclude<Member, Dropped>] extends [never]
        ? never
        : Key;

type Flat<Type> = { [Key in keyof Type]: Type[Key] };
