import { describePlan, type Plan, type RunControl } from '@needletail/load';
import { KeyControls, keysLine } from '../control/key-controls.ts';
import { createProgressLines } from '../print/progress-lines.ts';
import { silentView, type RunView } from '../print/run-view.ts';
import { wantsColor } from '../print/style.ts';
import type { Shell } from '../process/shell.ts';

/** The live panel (with keys where there is a keyboard) on a terminal, a line a second anywhere else, nothing when quiet. */
export async function openRunView(
  plan: Plan,
  { quiet, live }: { readonly quiet: boolean; readonly live: boolean },
  { stderr, env, stdin }: Shell,
  control: RunControl,
): Promise<RunView> {
  if (quiet) return silentView;
  if (!live || stderr.isTTY !== true || env['TERM'] === 'dumb') {
    const width = stderr.isTTY === true ? stderr.columns : undefined;
    return createProgressLines((text) => void stderr.write(text), width);
  }
  const { LivePanel } = await import('../print/live-panel.ts');
  const options = {
    terminal: stderr,
    color: wantsColor(stderr, env),
    target: plan.target,
    description: describePlan(plan),
  };
  if (stdin?.isTTY !== true) return new LivePanel(options);
  const panel = new LivePanel({ ...options, keys: () => keysLine(control.status()) });
  const keys = new KeyControls({ keyboard: stdin, control, say: (line) => panel.say(line) });
  return viewWithKeys(panel, keys);
}

/** The panel, and the terminal given back when it is gone. */
function viewWithKeys(panel: RunView, keys: KeyControls): RunView {
  let isOpen = true;
  return {
    update: (snapshot) => panel.update(snapshot),
    ending: () => panel.ending(),
    say: (line) => panel.say(line),
    stop() {
      if (isOpen) keys.close();
      isOpen = false;
      panel.stop();
    },
  };
}
