/** Until src/input is there. */
export type Query = Readonly<Record<string, string | readonly string[]>>;
export function parseQuery(text: string): Query {
  const query = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of new URLSearchParams(text)) {
    const seen = query[name];
    if (seen === undefined) query[name] = value;
    else query[name] = typeof seen === 'string' ? [seen, value] : [...seen, value];
  }
  return query;
}
export function parseCookies(text: string): Record<string, string> {
  const cookies = Object.create(null) as Record<string, string>;
  for (const pair of text.split(';')) {
    const at = pair.indexOf('=');
    if (at > 0) cookies[pair.slice(0, at).trim()] ??= pair.slice(at + 1).trim();
  }
  return cookies;
}
export type StandardSchema = {
  readonly '~standard': {
    readonly types?: { readonly input: unknown; readonly output: unknown } | undefined;
  };
};
export type InferOutput<Schema extends StandardSchema> = NonNullable<
  Schema['~standard']['types']
>['output'];
