import { MetricsMonitor } from './metrics-monitor.ts';
import { NodeMonitor } from './node-monitor.ts';
import { ProcessMonitor } from './process-monitor.ts';
import type { TargetMonitor, WatchTarget } from './target-monitor.ts';

/** The monitors for what is to be watched; nothing is read yet. Throws an Error for a filter of metrics that is none. */
export function openMonitors(targets: readonly WatchTarget[]): readonly TargetMonitor[] {
  return targets.map((target) => {
    switch (target.kind) {
      case 'pid':
        return new ProcessMonitor(target.pid);
      case 'metrics':
        return new MetricsMonitor(target.url, target.metrics);
      case 'node':
        return new NodeMonitor(target.address);
    }
  });
}
