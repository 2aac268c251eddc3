/** Classes cannot be called without `new`, and only their text tells them from functions. */
export function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}
