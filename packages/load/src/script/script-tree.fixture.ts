import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlanFlags } from '../plan/plan-flags.ts';
import type { Plan } from '../plan/plan.ts';
import { loadScript } from './load-script.ts';
import type { ScriptPackages } from './script-packages.ts';

/** A folder outside of any checkout, with files in it. */
export class ScriptTree {
  readonly path: string = realpathSync(mkdtempSync(join(tmpdir(), 'script-tree-')));

  /** Folders of what was loaded; a process of tests may end without a chance to remove them. */
  readonly #made: string[] = [];

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.write(files);
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.path, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  }

  link(name: string, to: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    symlinkSync(join(this.path, to), join(this.path, name));
  }

  async load(file: string, flags: PlanFlags = {}, settings: LoadSettings = {}): Promise<Plan> {
    const plan = await loadScript(file, flags, {
      cwd: this.path,
      readFile,
      packages: settings.packages ?? OWN_PACKAGES,
      typecheck: settings.typecheck ?? false,
      ...(settings.loadTimeoutMs === undefined ? {} : { loadTimeoutMs: settings.loadTimeoutMs }),
    });
    this.#made.push(dirname(fileURLToPath(plan.script!.moduleUrl)));
    return plan;
  }

  remove(): void {
    for (const path of [this.path, ...this.#made]) rmSync(path, { recursive: true, force: true });
  }
}

interface LoadSettings {
  readonly typecheck?: boolean;
  readonly loadTimeoutMs?: number;
  readonly packages?: ScriptPackages;
}

/** Stands for the package of the command, which is above this one. */
const OWN_PACKAGES: ScriptPackages = new Map([
  [
    'needletail',
    {
      url: new URL('../../dist/bundle/scenario.js', import.meta.url).href,
      exports: ['defineLoad', 'feed'],
      types: null,
    },
  ],
]);
