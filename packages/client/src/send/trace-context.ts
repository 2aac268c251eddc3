import { randomFillSync } from 'node:crypto';
import { requestWith } from '../model/client-request.ts';
import type { Layer } from './layer.ts';

const POOL_BYTES = 24 * 256;

/** Adds `traceparent` (W3C Trace Context §3.2) to each exchange that has none: what `source` gives, or a trace of its own. */
export function traceContextLayer(source: true | (() => string | undefined)): Layer {
  const traceparent = source === true ? newTraces() : source;
  return (request, next) => {
    if (request.headers.has('traceparent')) return next(request);
    const value = traceparent();
    if (value === undefined) return next(request);
    const traced = requestWith(request, {});
    traced.headers.append('traceparent', value);
    return next(traced);
  };
}

/** Version 00, random identifiers, sampled. Random bytes come in batches: one by one they cost 2 µs. */
function newTraces(): () => string {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  return () => {
    if (used === POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const start = used;
    used += 24;
    // An identifier of zeros is invalid; a set bit in each rules it out.
    pool[start] |= 1;
    pool[start + 16] |= 1;
    return `00-${pool.toString('hex', start, start + 16)}-${pool.toString('hex', start + 16, used)}-01`;
  };
}
