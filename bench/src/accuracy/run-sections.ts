import { parseArgs } from 'node:util';
import { Gates } from './gates.ts';

/** Runs the sections named by `--only`, all of them unless given, one after the other; misses set the exit code. */
export async function runSections(
  title: string,
  sections: Readonly<Record<string, (gates: Gates) => Promise<void>>>,
): Promise<void> {
  const all = Object.keys(sections);
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: all.join(',') },
      scripted: { type: 'boolean', default: false },
    },
  });
  const gates = new Gates(title);
  for (const name of values.only.split(',')) {
    const section = sections[name];
    if (section === undefined) {
      throw new Error(`No such section: ${name} (--only). There are ${all.join(', ')}.`);
    }
    await section(gates);
  }
  gates.close();
}
