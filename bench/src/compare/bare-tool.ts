import { fileURLToPath } from 'node:url';
import type { Tool } from './tools.ts';

const PROGRAM = fileURLToPath(new URL('bare-client.ts', import.meta.url));

/** The least that a client on node:net can do, as a tool: flat out, or at a rate that its connections share in turn. */
export function bareClient(name: string, perSecond = 0): Tool {
  return {
    name,
    program: process.execPath,
    arguments: (url, seconds, connections) => [
      '--import',
      'tsx',
      PROGRAM,
      url,
      String(seconds),
      String(connections),
      String(perSecond),
    ],
    requests: (output) => {
      const answers = /^(\d+) answers$/m.exec(output)?.[1];
      if (answers === undefined) throw new Error(`${name} printed no count:\n${output}`);
      return Number(answers);
    },
  };
}
