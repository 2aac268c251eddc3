import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** A folder of this process for what it makes of scenarios, removed when the process ends in whatever way it can notice. */
export class ScriptFolder {
  readonly path: string;

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'needletail-script-'));
    if (folders.size === 0) {
      process.off('exit', removeAll);
      process.once('exit', removeAll);
    }
    folders.add(this.path);
  }

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  remove(): void {
    folders.delete(this.path);
    rmSync(this.path, { recursive: true, force: true });
  }
}
