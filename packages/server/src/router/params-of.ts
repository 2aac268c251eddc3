/**
 * The parameters of a pattern as a type: `ParamsOf<'/users/:id/files/*path'>` is `{ readonly id: string; readonly path:
 * string }`, and `ParamsOf<'/:lang?'>` has `lang?: string`. A pattern known only at run time gives a record.
 */
export type ParamsOf<Pattern extends string> = string extends Pattern
  ? Readonly<Record<string, string>>
  : Flat<ParamsOfSegments<Pattern>>;

type ParamsOfSegments<Path extends string> = Path extends `${infer Segment}/${infer Rest}`
  ? ParamOf<Segment> & ParamsOfSegments<Rest>
  : ParamOf<Path>;

type ParamOf<Segment extends string> = Segment extends `:${infer Body}`
  ? Body extends `${infer Optional}?`
    ? { readonly [Name in BareName<Optional>]?: string }
    : { readonly [Name in BareName<Body>]: string }
  : Segment extends '*'
    ? { readonly '*': string }
    : Segment extends `*${infer Name}`
      ? { readonly [Key in Name]: string }
      : unknown;

type BareName<Body extends string> = Body extends `${infer Name}(${string}` ? Name : Body;

/** One object instead of an intersection, for those who read it in an editor. */
type Flat<Type> = { [Key in keyof Type]: Type[Key] };
