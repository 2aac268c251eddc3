import { describe, expect, it } from 'vitest';
import * as included from '../middleware.ts';

const { bodyLimit, cors, securityHeaders, timeout } = included;

/** Those that take an object of options and nothing before it. */
const all = Object.values<(options: never) => unknown>(included).filter(
  (make) => make !== bodyLimit && make !== timeout,
);

describe('included middleware', () => {
  it.each(all.map((make) => [make.name, make] as const))(
    '%s refuses an option that there is not',
    (name, make) => {
      expect(() => make({ orgins: '*' } as never)).toThrow(
        new RegExp(`there is no option orgins \\(${name}\\)\\. .*There are `),
      );
    },
  );

  it('names the option that was meant', () => {
    expect(() => cors({ origin: '*' } as never)).toThrow(/Did you mean origins\?/);
    expect(() => timeout(5, { statusCode: 504 } as never)).toThrow(/There are status/);
    expect(() => securityHeaders({ xFrameOption: false } as never)).toThrow(/mean xFrameOptions\?/);
  });
});
