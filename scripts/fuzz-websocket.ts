/*
 * Decodes mutated WebSocket frames, by default a million:
 *   npx tsx --conditions=@needletail/source scripts/fuzz-websocket.ts [count] [seed]
 * Exits 1 with the input and the seed when a decoder breaks a promise, 2 on bad arguments.
 */
import { fuzzFrames } from '@needletail/testkit/websocket-fuzz';
import { runCases } from './fuzz/run-cases.ts';

process.exit(runCases(fuzzFrames, ({ role }) => role));
