import { Histogram } from '@needletail/stats';
import { describe, expect, it } from 'vitest';
import { ReportError } from '../errors.ts';
import { sampleRun } from '../run-summary.fixture.ts';
import { jsonExporter } from './json.ts';

const histograms = { latency: new Histogram(), serviceTime: new Histogram() };

describe('jsonExporter.serialize', () => {
  it('gives back the summary it was given, and ends with a newline', () => {
    const summary = sampleRun();
    const text = jsonExporter.serialize({ summary, ...histograms });
    expect(JSON.parse(text)).toEqual(summary);
    expect(text.endsWith('}\n')).toBe(true);
  });

  it.each([NaN, Infinity, -Infinity])('refuses %s and says where it stands', (durationMs) => {
    const summary = sampleRun({ durationMs });
    expect(() => jsonExporter.serialize({ summary, ...histograms })).toThrowError(
      expect.objectContaining({ name: 'ReportError', code: 'NOT_FINITE', path: 'durationMs' }),
    );
  });

  it('names the element of a list', () => {
    const [first, second] = sampleRun().series;
    const summary = sampleRun({ series: [first, { ...second, users: NaN }] });
    const serialize = () => jsonExporter.serialize({ summary, ...histograms });
    expect(serialize).toThrowError(ReportError);
    expect(serialize).toThrowError('series[1].users');
  });
});
