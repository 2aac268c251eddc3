import { loadsOf } from '../plan/describe-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { levelAt, steer, steerable } from '../pace/steering.ts';
import type { SteeredPacer, SteeringStep } from '../pace/steering.ts';
import { ControlError } from './errors.ts';
import { splitRate, splitUsers } from './split-level.ts';

interface ControlledStream {
  /** Names of its scenarios; null when the plan has no scenarios. */
  readonly name: string | null;
  readonly scenarios: readonly string[];
  readonly pacer: SteeredPacer;
}

/** The schedules of a run as the main thread knows them: the same steps as in the workers, applied to the whole. */
export class ControlledStreams {
  readonly #streams: readonly ControlledStream[];

  constructor(plan: Plan) {
    const { script } = plan;
    this.#streams = loadsOf(plan).map((part, index) => {
      const scenarios =
        script?.streams[index]!.scenarios.map((place) => script.scenarios[place]!.name) ?? [];
      return {
        name: script === null ? null : scenarios.join(', '),
        scenarios,
        pacer: steerable(part, plan.warmupMs),
      };
    });
  }

  apply(step: SteeringStep): void {
    this.#streams.forEach(({ pacer }, index) => steer(pacer, step, index));
  }

  pausedMs(elapsedMs: number): number {
    return this.#streams[0]!.pacer.time.pausedMs(elapsedMs);
  }

  /** Users or requests per second wanted at that time by all streams of that model; null when there are none. */
  level(model: 'open' | 'closed', elapsedMs: number): number | null {
    const levels = this.#ofModel(model).map(({ pacer }) => levelAt(pacer, elapsedMs));
    return levels.length === 0 ? null : levels.reduce((sum, level) => sum + level, 0);
  }

  each(elapsedMs: number): readonly {
    readonly name: string | null;
    readonly model: 'open' | 'closed';
    readonly level: number;
  }[] {
    return this.#streams.map(({ name, pacer }) => ({
      name,
      model: pacer.model,
      level: levelAt(pacer, elapsedMs),
    }));
  }

  /** The level of each stream when those of a model together, or the named one, are to have `level`. */
  levels(
    model: 'open' | 'closed',
    level: number,
    name: string | null,
    elapsedMs: number,
  ): readonly (number | null)[] {
    const chosen = this.#chosen(model, name);
    const weights = chosen.map(({ pacer }) => levelAt(pacer, elapsedMs));
    const split = model === 'open' ? splitRate(level, weights) : splitUsers(level, weights);
    return this.#streams.map((stream) => {
      const place = chosen.indexOf(stream);
      return place === -1 ? null : split[place]!;
    });
  }

  #ofModel(model: 'open' | 'closed'): readonly ControlledStream[] {
    return this.#streams.filter(({ pacer }) => pacer.model === model);
  }

  #chosen(model: 'open' | 'closed', name: string | null): readonly ControlledStream[] {
    const named =
      name === null
        ? this.#streams
        : this.#streams.filter((stream) => stream.name === name || stream.scenarios.includes(name));
    if (named.length === 0) {
      const known = this.#streams.flatMap(({ scenarios }) => scenarios);
      throw new ControlError(
        'CONTROL_STREAM',
        `Unknown scenario: there is no "${name}" (stream). ${known.length === 0 ? 'This run has no scenarios: leave it out' : `Known are ${known.join(', ')}`}.`,
      );
    }
    const chosen = named.filter(({ pacer }) => pacer.model === model);
    if (chosen.length > 0) return chosen;
    throw new ControlError(
      'CONTROL_MODEL',
      model === 'open'
        ? 'No rate to set: users send when their answers are in (closed model). Set the users.'
        : 'No users to set: requests are due at a rate (open model). Set the rate.',
    );
  }
}
