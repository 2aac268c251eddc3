import { readFileSync } from 'node:fs';
import type { RunSummary } from '@needletail/load/summary';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { sampleRun } from './run-summary.fixture.ts';

const file = new URL('../schema/needletail.run-1.schema.json', import.meta.url);
const schema = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
const validate: ValidateFunction = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
  schema,
);

function problems(summary: unknown): string[] {
  validate(summary);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

describe('needletail.run-1.schema.json', () => {
  it('accepts a run', () => {
    expect(problems(sampleRun())).toEqual([]);
  });

  it.each(everyPath(sampleRun()))('needs %s', (path) => {
    const summary = JSON.parse(JSON.stringify(sampleRun())) as RunSummary;
    const keys = path.split('.');
    const last = keys.pop() as string;
    const parent = keys.reduce((value, key) => (value as never)[key], summary as unknown);
    delete (parent as Record<string, unknown>)[last];
    expect(problems(summary)).not.toEqual([]);
  });

  it.each(everyObject(sampleRun()))('refuses a field it does not know in %s', (path) => {
    const summary = JSON.parse(JSON.stringify(sampleRun())) as RunSummary;
    const object = path
      .split('.')
      .filter((key) => key !== '')
      .reduce((value, key) => (value as never)[key], summary as unknown);
    (object as Record<string, unknown>)['surprise'] = 1;
    expect(problems(summary)).not.toEqual([]);
  });

  it('accepts a run without scripts whose target was not watched', () => {
    expect(problems(sampleRun({ iterations: null, target: null, scriptErrors: [] }))).toEqual([]);
  });

  it('refuses a verdict, a ledger entry and a time outside of what they can be', () => {
    const run = sampleRun();
    expect(problems({ ...run, verdict: { ...run.verdict, status: 'maybe' } })).not.toEqual([]);
    expect(problems({ ...run, ledger: { ...run.ledger, ok: -1 } })).not.toEqual([]);
    expect(problems({ ...run, startedAt: 'yesterday' })).not.toEqual([]);
  });
});

/** Dotted paths of all fields, lists by their first element; answers by status are a map and have no fixed fields. */
function everyPath(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, child]) => {
    const path = `${prefix}${key}`;
    const isListElement = Array.isArray(value);
    if (isListElement && key !== '0') return [];
    const own = isListElement ? [] : [path];
    const below = typeof child === 'object' && child !== null && key !== 'status';
    return below ? [...own, ...everyPath(child as object, `${path}.`)] : own;
  });
}

function everyObject(run: RunSummary): string[] {
  const parents = everyPath(run).map((path) => path.slice(0, Math.max(0, path.lastIndexOf('.'))));
  return [...new Set(parents)];
}
