import type { ControlEvent } from '../collect/run-summary.ts';
import { formatCount } from '../plan/count.ts';

const MOST_SHOWN = 8;

/** One sentence on what was changed while the run was under way, for the reasons of its verdict; null when nothing was. */
export function describeControl(events: readonly ControlEvent[], pausedMs: number): string | null {
  if (events.length === 0) return null;
  const shown = events.slice(0, MOST_SHOWN).map(described);
  if (events.length > MOST_SHOWN) shown.push(`${events.length - MOST_SHOWN} changes more`);
  const pauses = pausedMs > 0 ? ` Rates leave out the ${seconds(pausedMs / 1000)} of pauses.` : '';
  return `The run was changed while it went: ${shown.join(', ')}.${pauses}`;
}

function described({ t, action, value, stream }: ControlEvent): string {
  const where = stream === null ? '' : ` of ${stream}`;
  const at = `at ${seconds(t)}`;
  switch (action) {
    case 'pause':
      return `paused ${at}`;
    case 'resume':
      return `resumed ${at}`;
    case 'stop':
      return `stopped ${at}`;
    case 'users':
      return `users${where} set to ${formatCount(value!)} ${at}`;
    case 'rate':
      return `rate${where} set to ${formatCount(value!)}/s ${at}`;
  }
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
