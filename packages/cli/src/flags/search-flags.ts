import type { StressData, SweepFlags } from '@needletail/load/search';
import { Option, type Command } from 'commander';
import { addLoadFlags, type LoadFlagValues } from './load-flags.ts';

/** What a search decides itself, and flags of a run that mean nothing to it. */
const notOfSearches = [
  ...'--users --duration --requests --rate --iterations --stage --ramp-up -z -r --rps --hgrm'.split(
    ' ',
  ),
  ...'--watch-pid --watch-metrics --watch-metric --watch-node'.split(' '),
  ...'--smoke --trace --control --control-token'.split(' '),
];

export type StressFlagValues = LoadFlagValues & {
  readonly [Key in keyof StressData]?: string;
};

export type SweepFlagValues = Omit<LoadFlagValues, 'users'> & SweepFlags;

const stressRows: readonly (readonly [flags: string, description: string])[] = [
  [
    '--scenario <name>',
    'breakpoint, linear-overload, spike-stress or soak-stress (breakpoint: the highest rate that holds)',
  ],
  ['--start-rate <n>', 'breakpoint: first rate tried, per second (50)'],
  ['--max-rate <n>', 'breakpoint: highest rate allowed (1m)'],
  ['--precision <share>', 'breakpoint: the limit is wanted within this either way (2%)'],
  ['--confidence <share>', 'breakpoint: and with this confidence (95%)'],
  ['--step-duration <time>', 'breakpoint: length of one test (4s)'],
  ['--max-steps <n>', 'breakpoint: give up after this many tests (40)'],
  ['--initial-users <n>', 'first level of users, and the calm before a spike (5)'],
  ['--step-users <n>', 'users added from one level to the next (5)'],
  ['--step-interval <time>', 'length of a level of users (30s)'],
  ['--max-users <n>', 'last level of users (200)'],
  ['--spike-users <n>', 'spike-stress: users at once'],
  ['--spike-hold <time>', 'spike-stress: for this long (30s)'],
  ['--soak-users <n>', 'soak-stress: users held before the climb'],
  ['--soak-duration <time>', 'soak-stress: for this long (1m)'],
  ['--recovery-limit <time>', 'wait this long for the target to recover; 0 leaves it out (1m)'],
  ['--require <n>', 'fail when less than this is sustained: 1000/s, or users'],
];

const sweepRows: readonly (readonly [flags: string, description: string])[] = [
  ['--users <levels>', '1..512 doubles from one to the other, 1,10,50 is a list (1..256)'],
  ['--rates <levels>', 'rates per second in place of users'],
  ['--step-duration <time>', 'length of a level (3s)'],
  ['--repeats <n>', 'run each level this often, to know its noise (1)'],
  ['--shuffle', 'levels in random order, so that drift is not taken for an effect of the load'],
  ['--confidence <share>', 'of the intervals (95%)'],
];

/** Gives a command the flags of a stress test. */
export function addStressFlags(command: Command): Command {
  return addSearchFlags(command, 'Search:', stressRows);
}

/** Gives a command the flags of a sweep. */
export function addSweepFlags(command: Command): Command {
  return addSearchFlags(command, 'Levels:', sweepRows);
}

function addSearchFlags(command: Command, heading: string, rows: typeof stressRows): Command {
  for (const [flags, description] of rows) {
    command.addOption(new Option(flags, description).helpGroup(heading));
  }
  return addLoadFlags(command, notOfSearches);
}
