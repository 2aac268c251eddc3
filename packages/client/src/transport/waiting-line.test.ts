import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WaitingLine } from './waiting-line.ts';

interface Person {
  readonly name: number;
  isWaiting: boolean;
}

describe('WaitingLine', () => {
  it('is an array with early leaving, whatever is done to it', () => {
    const action = fc.oneof(
      { weight: 4, arbitrary: fc.constant('push' as const) },
      { weight: 2, arbitrary: fc.constant('shift' as const) },
      { weight: 3, arbitrary: fc.nat({ max: 100 }) },
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
        const line = new WaitingLine<Person>();
        let model: Person[] = [];
        for (const [name, what] of actions.entries()) {
          if (what === 'push') {
            const person = { name, isWaiting: false };
            line.push(person);
            model.push(person);
          } else if (what === 'shift') {
            expect(line.shift()).toBe(model.shift());
          } else {
            const leaving = model[what % Math.max(1, model.length)];
            if (leaving === undefined) continue;
            line.remove(leaving);
            line.remove(leaving);
            model = model.filter((person) => person !== leaving);
          }
          expect(line.length).toBe(model.length);
          expect(line.peek()).toBe(model[0]);
          expect([...line]).toEqual(model);
        }
      }),
    );
  });
});
