import { Histogram } from '@needletail/stats';
import { describe, expect, it } from 'vitest';
import { sampleRun } from '../run-summary.fixture.ts';
import { csvExporter } from './csv.ts';

function serialize(summary = sampleRun()): string {
  return csvExporter.serialize({
    summary,
    latency: new Histogram(),
    serviceTime: new Histogram(),
  });
}

describe('csvExporter.serialize', () => {
  it('writes a heading and one row for each second', () => {
    expect(serialize()).toBe(
      [
        't,scheduled,ok,failed,users,requestsPerSecond,p50Ms,p95Ms,p99Ms,maxMs',
        '1,5,2,1,2,3,1,2.5,3,3.125',
        '2,0,0,1,1,0,0,0,0,0',
        '',
      ].join('\n'),
    );
  });

  it('writes the heading alone when the run was over before its first second', () => {
    expect(serialize(sampleRun({ series: [] })).split('\n')).toHaveLength(2);
  });
});
