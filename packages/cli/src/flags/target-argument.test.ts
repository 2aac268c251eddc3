import { describe, expect, it } from 'vitest';
import { checkTargetArgument, editDistance } from './target-argument.ts';

const commands = ['run', 'demo', 'serve', 'backends', 'help'];

describe('checkTargetArgument', () => {
  it.each([
    'http://localhost:3000',
    'localhost:3000',
    'localhost',
    'example.com',
    '10.0.0.1/path',
    'http://host/plan.yaml',
    'localhost/app.js',
    'example.com/data.json',
  ])('takes %s as an address', (text) => {
    expect(() => checkTargetArgument(text, commands)).not.toThrow();
  });

  it('suggests the command that was meant', () => {
    expect(() => checkTargetArgument('bakends', commands)).toThrow(
      'Did you mean needletail backends?',
    );
    expect(() => checkTargetArgument('Serv', commands)).toThrow('Did you mean needletail serve?');
  });

  it('lists the commands when none is close, and shows how a host is written', () => {
    expect(() => checkTargetArgument('staging', commands)).toThrow(
      'needletail http://staging. Commands: run, demo, serve, backends, help.',
    );
  });

  it.each([
    'plan.yaml',
    'plans/smoke.yml',
    './plan.json',
    '/tmp/a.yaml',
    'load.ts',
    'load/shop.mjs',
  ])('sends %s to run', (text) => {
    expect(() => checkTargetArgument(text, commands)).toThrow(`Write needletail run ${text}.`);
  });
});

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['run', 'run', 0],
    ['rnu', 'run', 2],
    ['serve', 'server', 1],
    ['abc', '', 3],
  ])('%j to %j takes %d', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });
});
