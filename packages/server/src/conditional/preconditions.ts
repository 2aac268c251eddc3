import { listHasTag } from './entity-tag.ts';
import { parseHttpDate } from './http-date.ts';

/** What is known of the representation that would be sent. */
export interface Validators {
  readonly etag: string | null;
  /** Whole seconds count only. */
  readonly modifiedMs: number | null;
}

export type Verdict = 'proceed' | 'not-modified' | 'failed';

interface Fields {
  get(name: string): string | null;
  getAll(name: string): readonly string[];
}

/**
 * Judges If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of RFC 9110 §13.2.2: 304 for
 * `not-modified`, 412 for `failed`. A date that is none is as if it were not there (§13.1.3).
 */
export function judgePreconditions(method: string, fields: Fields, known: Validators): Verdict {
  const isRead = method === 'GET' || method === 'HEAD';
  const ifMatch = listOf(fields, 'if-match');
  if (ifMatch !== null) {
    if (!matches(ifMatch, known.etag, true)) return 'failed';
  } else if (isModifiedSince(fields.get('if-unmodified-since'), known.modifiedMs) === true) {
    return 'failed';
  }
  const ifNoneMatch = listOf(fields, 'if-none-match');
  if (ifNoneMatch !== null) {
    if (!matches(ifNoneMatch, known.etag, false)) return 'proceed';
    return isRead ? 'not-modified' : 'failed';
  }
  if (!isRead) return 'proceed';
  const isModified = isModifiedSince(fields.get('if-modified-since'), known.modifiedMs);
  return isModified === false ? 'not-modified' : 'proceed';
}

function listOf(fields: Fields, name: string): string | null {
  const values = fields.getAll(name);
  return values.length === 0 ? null : values.join(', ');
}

/** `*` stands for any representation there is. */
function matches(list: string, etag: string | null, isStrong: boolean): boolean {
  if (list.trim() === '*') return true;
  return etag !== null && listHasTag(list, etag, isStrong);
}

/** Null where it cannot be said. */
function isModifiedSince(date: string | null, modifiedMs: number | null): boolean | null {
  if (date === null || modifiedMs === null) return null;
  const sinceMs = parseHttpDate(date);
  return Number.isNaN(sinceMs) ? null : Math.floor(modifiedMs / 1000) * 1000 > sinceMs;
}

/**
 * Whether a Range may be followed (RFC 9110 §13.1.5): the representation is the very one the client has a part of. `nowMs` tells
 * whether a date is old enough to tell two of them apart (§8.8.2.2).
 */
export function ifRangeHolds(ifRange: string | null, known: Validators, nowMs: number): boolean {
  if (ifRange === null) return true;
  const text = ifRange.trim();
  if (text.endsWith('"')) return known.etag !== null && listHasTag(text, known.etag, true);
  if (known.modifiedMs === null || nowMs - known.modifiedMs < 1000) return false;
  return parseHttpDate(text) === Math.floor(known.modifiedMs / 1000) * 1000;
}
