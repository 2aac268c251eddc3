import { Histogram } from '@needletail/stats';
import { describe, expect, it } from 'vitest';
import { sampleRun } from '../run-summary.fixture.ts';
import { hgrmExporter } from './hgrm.ts';

describe('hgrmExporter.serialize', () => {
  it('writes latency percentiles in milliseconds with the closing lines of the format', () => {
    const latency = new Histogram();
    for (const micros of [1000, 2000, 3000, 40_000]) latency.record(micros);
    const text = hgrmExporter.serialize({
      summary: sampleRun(),
      latency,
      serviceTime: new Histogram(),
    });
    const lines = text.trimEnd().split('\n');
    expect(lines[0]).toMatch(/Value\s+Percentile\s+TotalCount\s+1\/\(1-Percentile\)/);
    const rows = lines
      .filter((line) => /^\s*\d/.test(line))
      .map((line) => line.trim().split(/\s+/));
    expect(Number(rows[0][0])).toBeCloseTo(1, 1);
    const [value, percentile, count] = rows[rows.length - 1];
    expect(Number(value)).toBeCloseTo(40, 0);
    expect([percentile, count]).toEqual(['1.000000000000', '4']);
    expect(text).toMatch(/#\[Mean\s+=.*\n#\[Max\s+=/);
    expect(text.endsWith('\n')).toBe(true);
  });
});
