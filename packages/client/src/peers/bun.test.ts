import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findProgram } from '@needletail/testkit/programs';
import { describe, expect, it } from 'vitest';
import { startTourServers } from './tour-servers.fixture.ts';
import type { TourPlan } from './tour.fixture.ts';

const bun = findProgram('bun');
const TOUR = fileURLToPath(new URL('tour.fixture.ts', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const SOURCE = '--conditions=@needletail/source';

type Results = Record<string, unknown>;

async function tour(program: string, argv: readonly string[], plan: TourPlan): Promise<Results> {
  const child = spawn(program, [...argv, TOUR, JSON.stringify(plan)]);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const status = await new Promise((resolve) => void child.on('close', resolve));
  expect({ status, errors }).toEqual({ status: 0, errors: '' });
  return JSON.parse(output) as Results;
}

async function visit(program: string, argv: readonly string[]): Promise<Results> {
  const servers = await startTourServers();
  try {
    return await tour(program, argv, servers.plan);
  } finally {
    await servers.close();
  }
}

describe('the client on Bun', () => {
  it.skipIf(bun === null)(
    'does what it does on Node',
    async () => {
      const onNode = await visit(process.execPath, [SOURCE, '--import', TSX]);
      expect(JSON.stringify(onNode)).not.toContain('threw');
      expect(onNode).toMatchObject({ http2: { versions: ['2'] }, websocket: { code: 1000 } });
      expect(await visit(bun!, [SOURCE])).toEqual(onNode);
    },
    60_000,
  );
});
