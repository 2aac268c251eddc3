import { describe, expect, it } from 'vitest';
import { toControl } from './control-flags.ts';
import type { LoadFlagValues } from './load-flags.ts';
import { toWatched } from './watch-flags.ts';

const values = (given: Partial<LoadFlagValues>): LoadFlagValues => ({
  keepalive: true,
  live: true,
  ...given,
});

function codeOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

describe('toControl', () => {
  it.each([
    [{}, null],
    [{ control: true }, { port: 0, token: null }],
    [{ control: '8081' }, { port: 8081, token: null }],
    [
      { control: '0', controlToken: 'a-good-token' },
      { port: 0, token: 'a-good-token' },
    ],
    [{ control: 'http://host/' }, 'BAD_PORT'],
    [{ control: '65536' }, 'BAD_PORT'],
    [{ control: true, controlToken: 'short' }, 'BAD_TOKEN'],
    [{ control: true, controlToken: 'with a space' }, 'BAD_TOKEN'],
    [{ controlToken: 'a-good-token' }, 'TOKEN_WITHOUT_CONTROL'],
  ] as const)('%o', (given, expected) => {
    expect(codeOf(() => toControl(values(given)))).toEqual(expected);
  });
});

describe('toWatched', () => {
  const url = 'http://localhost:9100/metrics';

  it('reads all of them', () => {
    const given = {
      watchPid: ['12', '13'],
      watchMetrics: [url],
      watchMetric: ['up', 'a{b="c"}'],
      watchNode: ['9229', 'host:1', '[::1]:9229'],
    };
    expect(toWatched(values(given))).toEqual([
      { kind: 'pid', pid: 12 },
      { kind: 'pid', pid: 13 },
      { kind: 'metrics', url, metrics: ['up', 'a{b="c"}'] },
      { kind: 'node', address: '127.0.0.1:9229' },
      { kind: 'node', address: 'host:1' },
      { kind: 'node', address: '[::1]:9229' },
    ]);
    expect(toWatched(values({}))).toEqual([]);
  });

  it.each([
    [{ watchPid: ['self'] }, 'BAD_PID'],
    [{ watchPid: ['0'] }, 'BAD_PID'],
    [{ watchMetrics: ['localhost:9100'] }, 'BAD_METRICS_URL'],
    [{ watchMetrics: ['file:///etc/passwd'] }, 'BAD_METRICS_URL'],
    [{ watchMetrics: [url], watchMetric: ['a{b}'] }, 'BAD_METRIC'],
    [{ watchMetric: ['up'] }, 'METRIC_WITHOUT_ENDPOINT'],
    [{ watchNode: ['localhost'] }, 'BAD_INSPECTOR'],
    [{ watchNode: ['ws://localhost:9229/x'] }, 'BAD_INSPECTOR'],
    [{ watchNode: ['localhost:99999'] }, 'BAD_INSPECTOR'],
  ])('refuses %o', (given, code) => {
    expect(codeOf(() => toWatched(values(given)))).toBe(code);
  });
});
