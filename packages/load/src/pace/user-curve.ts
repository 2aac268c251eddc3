import type { ClosedLoad } from '../plan/plan.ts';

/** A stretch of a curve that goes from one whole number of users to another in equal steps of one user. */
interface Ramp {
  readonly startMs: number;
  readonly endMs: number;
  readonly from: number;
  readonly to: number;
  readonly atLeast: number;
}

/** What is forgiven to rounding when a step falls due, as a part of that step. */
const STEP_TOLERANCE = 1e-6;

/**
 * Users over time, as ramps one after the other; where two meet the later one counts, and the last level holds for
 * ever after. Rising ramps reach a level when it is complete (5 users a second: the third at 0.6 s), falling ones
 * leave it likewise.
 *
 * ```
 *  users   gradual ──────     spike      ┌──┐          stages   ╱╲__
 *         ╱                        ______│  │_____             ╱    ╲
 *        ╱                        ╱                           ╱
 * ```
 */
export class UserCurve {
  readonly endMs: number;
  readonly peakUsers: number;
  readonly #ramps: readonly Ramp[];

  constructor(ramps: readonly Ramp[]) {
    this.#ramps = ramps;
    this.endMs = ramps[ramps.length - 1].endMs;
    this.peakUsers = Math.max(...ramps.map((ramp) => Math.max(ramp.from, ramp.to, ramp.atLeast)));
  }

  /** Users wanted at that time; none before the start. */
  usersAt(elapsedMs: number): number {
    return elapsedMs < 0 ? 0 : levelOf(this.#rampAt(elapsedMs), elapsedMs);
  }

  /** The first later time at which `usersAt` gives another number; Infinity when it never does. */
  nextChangeMs(elapsedMs: number): number {
    const users = this.usersAt(elapsedMs);
    let atMs = elapsedMs;
    while (atMs < this.endMs) {
      atMs = atMs < 0 ? 0 : nextStepMs(this.#rampAt(atMs), atMs);
      if (this.usersAt(atMs) !== users) return atMs;
    }
    return Infinity;
  }

  #rampAt(elapsedMs: number): Ramp {
    let index = this.#ramps.length - 1;
    while (index > 0 && this.#ramps[index].startMs > elapsedMs) index -= 1;
    return this.#ramps[index];
  }
}

/** The curve of a closed-model load. */
export function userCurveOf(load: ClosedLoad): UserCurve {
  switch (load.kind) {
    case 'constant':
      return new UserCurve([flat(0, load.durationMs ?? Infinity, load.users)]);
    case 'gradual':
      return new UserCurve([
        rise(load.rampUpMs, load.users),
        flat(load.rampUpMs, load.durationMs ?? Infinity, load.users),
      ]);
    case 'spike':
      return new UserCurve(spikeRamps(load));
    case 'stages':
      return new UserCurve(stageRamps(load.startUsers, load.stages));
  }
}

function spikeRamps(load: Extract<ClosedLoad, { kind: 'spike' }>): Ramp[] {
  const { users, rampUpMs, durationMs, spikeUsers, spikeDurationMs } = load;
  const startMs = rampUpMs + Math.max(0, (durationMs - 2 * spikeDurationMs) / 2);
  const endMs = startMs + spikeDurationMs;
  return [
    rise(rampUpMs, users),
    flat(rampUpMs, startMs, users),
    flat(startMs, endMs, users + spikeUsers),
    flat(endMs, durationMs, users),
  ];
}

function stageRamps(
  startUsers: number,
  stages: readonly { readonly durationMs: number; readonly users: number }[],
): Ramp[] {
  let startMs = 0;
  let from = startUsers;
  return stages.map((stage) => {
    const ramp = { startMs, endMs: startMs + stage.durationMs, from, to: stage.users, atLeast: 0 };
    startMs = ramp.endMs;
    from = ramp.to;
    return ramp;
  });
}

function flat(startMs: number, endMs: number, users: number): Ramp {
  return { startMs, endMs, from: users, to: users, atLeast: users };
}

/** From nothing, but with the first user there from the start. */
function rise(rampUpMs: number, users: number): Ramp {
  return { startMs: 0, endMs: rampUpMs, from: 0, to: users, atLeast: 1 };
}

function levelOf(ramp: Ramp, elapsedMs: number): number {
  const steps = Math.min(stepsDone(ramp, elapsedMs), Math.abs(ramp.to - ramp.from));
  return Math.max(ramp.atLeast, ramp.from + Math.sign(ramp.to - ramp.from) * steps);
}

function stepsDone(ramp: Ramp, elapsedMs: number): number {
  const steps = Math.abs(ramp.to - ramp.from);
  if (elapsedMs >= ramp.endMs) return steps;
  const share = (elapsedMs - ramp.startMs) / (ramp.endMs - ramp.startMs);
  return Math.floor(steps * share + STEP_TOLERANCE);
}

/** When the next step of this ramp falls due, or when the ramp ends. */
function nextStepMs(ramp: Ramp, elapsedMs: number): number {
  const steps = Math.abs(ramp.to - ramp.from);
  const done = stepsDone(ramp, elapsedMs);
  if (done + 1 >= steps) return ramp.endMs;
  return ramp.startMs + ((done + 1) * (ramp.endMs - ramp.startMs)) / steps;
}
