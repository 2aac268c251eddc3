/**
 * What `path` leads to in parsed JSON: `meta.next`, `items.0.id`. A name that itself has dots (`@odata.nextLink`) is found
 * too: at each level the longest name that exists is taken. Undefined where it leads nowhere.
 */
export function valueAt(json: unknown, path: string): unknown {
  if (typeof json !== 'object' || json === null) return undefined;
  const record = json as Readonly<Record<string, unknown>>;
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    const name = path.slice(0, end);
    if (!Object.hasOwn(record, name)) continue;
    return end === path.length ? record[name] : valueAt(record[name], path.slice(end + 1));
  }
  return undefined;
}
