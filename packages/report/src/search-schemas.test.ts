import { readFileSync } from 'node:fs';
import { sampleStress, sampleSweep } from '@needletail/testkit/search-summaries';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { stressCsvExporter, stressJsonExporter } from './export/stress.ts';
import { sweepCsvExporter, sweepJsonExporter } from './export/sweep.ts';

function validatorOf(name: string): ValidateFunction {
  const file = new URL(`../schema/needletail.${name}-1.schema.json`, import.meta.url);
  const schema = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  return new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
}

describe.each([
  ['stress', () => stressJsonExporter.serialize(sampleStress())],
  ['sweep', () => sweepJsonExporter.serialize(sampleSweep())],
])('needletail.%s-1.schema.json', (name, serialize) => {
  const validate = validatorOf(name);
  const read = () => JSON.parse(serialize()) as Record<string, unknown>;

  it('accepts what is written', () => {
    validate(read());
    expect(validate.errors).toBeNull();
  });

  it('needs every field, and knows no other', () => {
    for (const key of Object.keys(read())) {
      const { [key]: _, ...without } = read();
      expect(validate(without), key).toBe(false);
    }
    expect(validate({ ...read(), surprise: 1 })).toBe(false);
  });

  it('refuses a level that lacks something, and a verdict there is not', () => {
    const [level] = read()['levels'] as Record<string, unknown>[];
    for (const key of Object.keys(level!)) {
      const { [key]: _, ...without } = level!;
      expect(validate({ ...read(), levels: [without] }), key).toBe(false);
    }
    expect(validate({ ...read(), verdict: { status: 'maybe', reasons: [] } })).toBe(false);
  });
});

describe('stressJsonExporter', () => {
  it('refuses a number that JSON has no word for, and says where', () => {
    expect(() =>
      stressJsonExporter.serialize({ ...sampleStress(), maxSustainable: Number.NaN }),
    ).toThrow(/maxSustainable/);
  });
});

describe('stressCsvExporter', () => {
  it('writes a row for each run of a level', () => {
    const [heading, first, second, end] = stressCsvExporter.serialize(sampleStress()).split('\n');
    expect(heading).toMatch(/^role,level,startedMs,.*,verdict,broken$/);
    expect(first).toMatch(/^step,400,0\.5,4000,400,100,1600,1600,0,0,1\.4,.*,held,$/);
    expect(second).toMatch(/,breached,delivered >= 99%$/);
    expect(end).toBe('');
  });

  it('quotes an objective with a comma', () => {
    const levels = sampleStress().levels.map((level) => ({
      ...level,
      broken: [{ objective: '[a, "b"] p95 < 1s', actual: 2 }],
    }));
    expect(stressCsvExporter.serialize({ ...sampleStress(), levels })).toContain(
      ',"[a, ""b""] p95 < 1s"\n',
    );
  });
});

describe('sweepCsvExporter', () => {
  it('leaves empty what a level of users does not have', () => {
    expect(sweepCsvExporter.serialize(sampleSweep())).toContain('step,1,0.5,4000,400,,1600');
  });
});
