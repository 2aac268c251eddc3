import type { Scalar } from '../plan/plan-file.ts';

export type StressScenario = 'breakpoint' | 'linear-overload' | 'spike-stress' | 'soak-stress';

/** The `stress:` block of a plan, or flags in its place; texts as written. */
export interface StressData {
  readonly scenario?: string | undefined;
  readonly startRate?: Scalar | undefined;
  readonly maxRate?: Scalar | undefined;
  readonly precision?: Scalar | undefined;
  readonly confidence?: Scalar | undefined;
  readonly stepDuration?: Scalar | undefined;
  readonly maxSteps?: Scalar | undefined;
  readonly initialUsers?: Scalar | undefined;
  readonly stepUsers?: Scalar | undefined;
  readonly stepInterval?: Scalar | undefined;
  readonly maxUsers?: Scalar | undefined;
  readonly spikeUsers?: Scalar | undefined;
  readonly spikeHold?: Scalar | undefined;
  readonly soakUsers?: Scalar | undefined;
  readonly soakDuration?: Scalar | undefined;
  readonly recoveryLimit?: Scalar | undefined;
  readonly require?: Scalar | undefined;
}

/** Keys of the `stress:` block, and the scenario each belongs to; the others belong to all. */
export const STRESS_KEYS: Readonly<Record<keyof StressData, StressScenario | 'users' | null>> = {
  scenario: null,
  startRate: 'breakpoint',
  maxRate: 'breakpoint',
  precision: 'breakpoint',
  confidence: 'breakpoint',
  stepDuration: 'breakpoint',
  maxSteps: 'breakpoint',
  initialUsers: 'users',
  stepUsers: 'users',
  stepInterval: 'users',
  maxUsers: 'users',
  spikeUsers: 'spike-stress',
  spikeHold: 'spike-stress',
  soakUsers: 'soak-stress',
  soakDuration: 'soak-stress',
  recoveryLimit: null,
  require: null,
};

export const STRESS_KEY_NAMES: readonly string[] = Object.keys(STRESS_KEYS);
