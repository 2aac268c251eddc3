import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findProgram } from '@needletail/testkit/programs';
import { describe, expect, it } from 'vitest';
import { startEchoServer } from './websocket-setup.fixture.ts';

const bun = findProgram('bun');
const SCRIPT = fileURLToPath(new URL('echo-everything.fixture.ts', import.meta.url));

function run(program: string, argv: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}

describe('connectWebSocket on Bun', () => {
  it.skipIf(bun === null)('echoes every size and kind', async () => {
    const server = await startEchoServer({ perMessageDeflate: true });
    const output = await run(bun!, ['--conditions=@needletail/source', SCRIPT, server.url]);
    await server.close();
    expect(output).toBe('ok bun\n');
  });
});
