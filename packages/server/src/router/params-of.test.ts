import { describe, expectTypeOf, it } from 'vitest';
import type { ParamsOf } from './params-of.ts';

describe('ParamsOf', () => {
  it('names the parameters of a pattern', () => {
    expectTypeOf<ParamsOf<'/users/:id/files/*path'>>().toEqualTypeOf<{
      readonly id: string;
      readonly path: string;
    }>();
    expectTypeOf<ParamsOf<'/posts/:post/comments/:comment'>>().toEqualTypeOf<{
      readonly post: string;
      readonly comment: string;
    }>();
    expectTypeOf<keyof ParamsOf<'/a/b'>>().toEqualTypeOf<never>();
    expectTypeOf<keyof ParamsOf<''>>().toEqualTypeOf<never>();
    expectTypeOf<ParamsOf<'/f/*'>>().toEqualTypeOf<{ readonly '*': string }>();
  });

  it('leaves the constraint out, and makes optional what is', () => {
    expectTypeOf<ParamsOf<'/:id(\\d+)/x/:ext(png|a?)'>>().toEqualTypeOf<{
      readonly id: string;
      readonly ext: string;
    }>();
    expectTypeOf<ParamsOf<'/:lang/:page(\\d+)?/:size?'>>().toEqualTypeOf<{
      readonly lang: string;
      readonly page?: string;
      readonly size?: string;
    }>();
  });

  it('is a record where the pattern is known at run time only', () => {
    expectTypeOf<ParamsOf<string>>().toEqualTypeOf<Readonly<Record<string, string>>>();
  });

  it('is refused where a name is wrong', () => {
    const params = { id: '1' } as ParamsOf<'/users/:id'>;
    // @ts-expect-error The pattern has no parameter of that name.
    void params.name;
    // @ts-expect-error Parameters are not written to.
    params.id = '2';
    const optional = {} as ParamsOf<'/:lang?'>;
    // @ts-expect-error It may be absent.
    const lengthOf = (): number => optional.lang.length;
    expectTypeOf(lengthOf).toBeFunction();
    expectTypeOf(params.id).toBeString();
  });
});
