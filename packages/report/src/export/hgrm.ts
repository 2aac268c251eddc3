import { toHgrm } from '@needletail/stats/hdr';
import type { Exporter } from '../exporter.ts';

const microsPerMilli = 1000;

/** The latency distribution (from when requests were due, ms) as a percentile file that HdrHistogram plotters read. */
export const hgrmExporter: Exporter = {
  name: 'hgrm',
  extension: 'hgrm',
  serialize({ latency }) {
    const text = toHgrm(latency, { unitScale: microsPerMilli });
    return text.endsWith('\n') ? text : `${text}\n`;
  },
};
