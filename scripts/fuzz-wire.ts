/*
 * Decodes mutated messages, by default a million: npx tsx --conditions=@needletail/source scripts/fuzz-wire.ts [count] [seed]
 * Exits 1 with the input and the seed when a decoder breaks a promise, 2 on bad arguments.
 */
import { fuzzCase } from '@needletail/testkit/wire-fuzz';
import { runCases } from './fuzz/run-cases.ts';

process.exit(runCases(fuzzCase, ({ side }) => side));
