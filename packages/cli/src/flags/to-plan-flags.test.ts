import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addLoadFlags, type LoadFlagValues } from './load-flags.ts';
import { toPlanFlags } from './to-plan-flags.ts';

function flags(...argv: string[]) {
  const command = addLoadFlags(new Command().exitOverride().argument('[url]'));
  return toPlanFlags(command.parse(argv, { from: 'user' }).opts<LoadFlagValues>());
}

describe('toPlanFlags', () => {
  it('gives nothing that was not asked for', () => {
    expect(flags('http://host')).toEqual({});
  });

  it.each([
    [['-c', '1k'], { connections: 1000 }],
    [['--users', '5'], { users: 5 }],
    [['-d', '1m30s'], { durationMs: 90_000 }],
    [['-z', '500ms'], { durationMs: 500 }],
    [['-n', '10k'], { requests: 10_000 }],
    [['-R', '2000'], { rate: 2000 }],
    [['-r', '0.5'], { rate: 0.5 }],
    [['--rps', '20'], { rate: 20 }],
    [['-i', '7'], { iterations: 7 }],
    [['-s', '10s:50', '--stage', '30s:200'], { stages: ['10s:50', '30s:200'] }],
    [['--ramp-up', '5s'], { rampUpMs: 5000 }],
    [['--warmup', '5s'], { warmupMs: 5000 }],
    [['--think', '50ms'], { thinkMs: 50 }],
    [['--poisson'], { poisson: true }],
    [['--pipelining', '16'], { pipelining: 16 }],
    [['--no-keepalive'], { keepAlive: false }],
    [['-w', '4'], { workers: 4 }],
    [['--seed', '42'], { seed: 42 }],
    [['-m', 'PUT'], { method: 'PUT' }],
    [['-X', 'PUT'], { method: 'PUT' }],
    [['-H', 'A: 1', '-H', 'A: 2'], { headers: ['A: 1', 'A: 2'] }],
    [['-b', '@file'], { body: '@file' }],
    [['--data', '-5'], { body: '-5' }],
    [['--feed', 'terms.csv'], { feed: 'terms.csv' }],
    [['-e', 'a=1', '-e', 'b=2'], { env: ['a=1', 'b=2'] }],
    [['--timeout', '2s'], { timeoutMs: 2000 }],
    [['-k'], { insecure: true }],
    [['--ca', 'ca.pem'], { ca: 'ca.pem' }],
    [['--servername', 'api'], { servername: 'api' }],
    [['--threshold', 'p99 < 50ms', '--threshold', 'none'], { thresholds: ['p99 < 50ms', 'none'] }],
    [['--only-ok'], { onlyOk: true }],
    [['--json', '-', '--csv', 'a', '--hgrm', 'b', '--quiet', '--no-live', '--on-port', '1'], {}],
  ])('%j', (argv, expected) => {
    expect(flags(...argv)).toEqual(expected);
  });

  it.each([
    [['-c', 'many'], '--connections'],
    [['-d', 'soon'], '--duration'],
    [['--timeout', '-1s'], '--timeout'],
    [['-R', 'fast'], '--rate'],
    [['--seed', '1.5'], '--seed'],
  ])('refuses %j and names the flag', (argv, name) => {
    expect(() => flags(...argv)).toThrow(`(${name})`);
  });

  it.each([[['-d', '1s', '-z', '2s']], [['-R', '1', '--rps', '2']], [['-m', 'GET', '-X', 'PUT']]])(
    'refuses %j, which say the same thing twice',
    (argv) => {
      expect(() => flags(...argv)).toThrowError(expect.objectContaining({ code: 'FLAG_TWICE' }));
    },
  );
});
