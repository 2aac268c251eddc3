import { describe, expect, it } from 'vitest';
import type { TargetMetrics } from '../collect/run-summary.ts';
import { bottleneckFrom, type BottleneckFacts } from './bottleneck.ts';

const facts = (change: Partial<BottleneckFacts> = {}): BottleneckFacts => ({
  bottleneck: 'none',
  latencyP50Ms: [1, 1, 1, 1, 1, 1],
  isPressed: false,
  cores: 4,
  ...change,
});

const target = (figures: Readonly<Record<string, number>>): TargetMetrics => ({
  series: Object.entries(figures).map(([name, value]) => ({
    name,
    unit: 'percent',
    source: 'pid 7',
    // The first second is of before the load.
    points: [0, value, value, value].map((at, t) => ({ t, value: at })),
  })),
  problems: [],
});

const growing = [1, 1, 1, 2, 3, 4, 6, 8, 9];

describe('bottleneckFrom', () => {
  it.each([
    [
      'the generator, whatever the target shows',
      facts({ bottleneck: 'generator' }),
      target({ CPU: 99 }),
      'generator',
      null,
    ],
    ['the network', facts({ bottleneck: 'network' }), null, 'network', null],
    ['nothing known of the target', facts({ bottleneck: 'target' }), null, 'target queueing', null],
    [
      'a thread pegged',
      facts({ bottleneck: 'target' }),
      target({ CPU: 110, 'busiest thread': 99.4 }),
      'target CPU',
      /busiest thread used 99% of one core/,
    ],
    [
      'a thread pegged with nothing else to see',
      facts(),
      target({ CPU: 96, 'busiest thread': 95 }),
      'target CPU',
      /95%/,
    ],
    [
      'all cores used',
      facts(),
      target({ CPU: 390, 'busiest thread': 60 }),
      'target CPU',
      /used 390% of one core, and the machine has 4 cores/,
    ],
    [
      'an event loop without pause',
      facts(),
      target({ 'event loop busy': 97 }),
      'target CPU',
      /event loop used 97%/,
    ],
    [
      'a process at one core, threads unknown',
      facts(),
      target({ CPU: 99 }),
      'target CPU',
      /The target was out of processor: the target's process used 99% of one core/,
    ],
    [
      'latency grows, processor idle',
      facts({ bottleneck: 'target', latencyP50Ms: growing }),
      target({ CPU: 12, 'busiest thread': 10 }),
      'target queueing',
      /median latency grew 8\.0 times while the target's busiest thread used 10%/,
    ],
    [
      'requests wait, processor idle',
      facts({ bottleneck: 'target', isPressed: true }),
      target({ CPU: 30 }),
      'target queueing',
      /requests waited for its answers/,
    ],
    [
      'a closed loop that is merely answered',
      facts({ bottleneck: 'target' }),
      target({ CPU: 30 }),
      'target queueing',
      null,
    ],
    ['ease', facts(), target({ CPU: 30, 'busiest thread': 20 }), 'none', null],
    ['many threads at half', facts(), target({ CPU: 200, 'busiest thread': 55 }), 'none', null],
    [
      'latency grows, processor half used',
      facts({ latencyP50Ms: growing }),
      target({ CPU: 70 }),
      'none',
      null,
    ],
    ['other figures only', facts(), target({ memory: 5 }), 'none', null],
  ] as const)('%s', (_, given, metrics, kind, reason) => {
    const drawn = bottleneckFrom(given, metrics);
    expect(drawn.kind).toBe(kind);
    if (reason === null) expect(drawn.reason).toBeNull();
    else expect(drawn.reason).toMatch(reason);
    expect(drawn.bottleneck).toBe(
      {
        generator: 'generator',
        network: 'network',
        'target CPU': 'target',
        'target queueing': 'target',
        none: 'none',
      }[kind],
    );
  });
});
