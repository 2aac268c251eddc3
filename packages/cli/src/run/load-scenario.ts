import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plan, PlanFlags } from '@needletail/load';
import type { ScriptPackages } from '@needletail/load/script';
import { watchInterrupts } from '../process/interrupts.ts';
import type { Shell } from '../process/shell.ts';

const scenarioExtensions = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'];

/** Whether a file is a scenario in code. */
export function isScenario(file: string): boolean {
  return scenarioExtensions.includes(extname(file).toLowerCase());
}

/** Loads a scenario file; Ctrl-C meanwhile ends the process, and what was made for the scenario is cleaned up. */
export async function loadScenario(
  file: string,
  flags: PlanFlags,
  typecheck: boolean,
  { cwd, exit }: Pick<Shell, 'cwd' | 'exit'>,
): Promise<Plan> {
  const interrupts = watchInterrupts(exit);
  interrupts.signal.addEventListener('abort', () => exit(interrupts.exitCode!));
  try {
    // Loaded on demand: most runs are of an address or a plan, and need neither bundler nor source maps.
    const { loadScript } = await import('@needletail/load/script');
    const packages = packagesOfThisTool();
    return await loadScript(file, flags, { cwd, readFile, packages, typecheck });
  } finally {
    interrupts.dispose();
  }
}

/** What `import … from 'needletail'` means in a scenario, wherever the scenario stands. */
function packagesOfThisTool(): ScriptPackages {
  const isSource = import.meta.url.endsWith('.ts');
  // Threads run what was built also when this one runs the source.
  const entry = new URL(
    isSource ? '../../dist/bundle/index.js' : '../bundle/index.js',
    import.meta.url,
  );
  const types = new URL(isSource ? '../index.ts' : '../index.d.ts', import.meta.url);
  const exports = Object.keys(EXPORTED);
  return new Map([['needletail', { url: entry.href, exports, types: fileURLToPath(types) }]]);
}

/** What this package exports; asking the module itself would load all that it is made of. */
const EXPORTED = {
  ControlError: true,
  csvExporter: true,
  defineLoad: true,
  feed: true,
  formatSummary: true,
  hgrmExporter: true,
  jsonExporter: true,
  parsePlanFile: true,
  PlanError: true,
  resolvePlan: true,
  RunControl: true,
  runLoad: true,
} satisfies Record<keyof typeof import('../index.ts'), true>;
