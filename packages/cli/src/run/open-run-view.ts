import { describePlan, type Plan } from '@needletail/load';
import { createProgressLines } from '../print/progress-lines.ts';
import { silentView, type RunView } from '../print/run-view.ts';
import { wantsColor } from '../print/style.ts';
import type { Shell } from '../process/shell.ts';

/** The live panel on a terminal, a line a second anywhere else, nothing when quiet was asked for. */
export async function openRunView(
  plan: Plan,
  { quiet, live }: { readonly quiet: boolean; readonly live: boolean },
  { stderr, env }: Shell,
): Promise<RunView> {
  if (quiet) return silentView;
  if (!live || stderr.isTTY !== true || env['TERM'] === 'dumb') {
    return createProgressLines((text) => void stderr.write(text));
  }
  const { LivePanel } = await import('../print/live-panel.ts');
  return new LivePanel({
    terminal: stderr,
    color: wantsColor(stderr, env),
    target: plan.target,
    description: describePlan(plan),
  });
}
