/** `node 20.20.2` or `bun 1.4.5`. */
export function runtimeName(): string {
  const { bun, node } = process.versions;
  return bun === undefined ? `node ${node}` : `bun ${bun}`;
}
