import { inspect, type InspectOptions } from 'node:util';

/** Makes `console.log` and the like show objects of a class as `Name { what view gives }`. */
export function makeInspectable<T extends object>(
  type: { readonly prototype: T },
  view: (value: T) => unknown,
): void {
  Object.defineProperty(type.prototype, inspect.custom, {
    value(this: T, _depth: number, options: InspectOptions): string {
      return `${this.constructor.name} ${inspect(view(this), options)}`;
    },
  });
}
