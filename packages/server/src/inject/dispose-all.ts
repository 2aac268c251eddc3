import { InjectFailures } from './inject-error.ts';

/** Something that was made, and how it ends. */
export interface Disposal {
  readonly name: string;
  readonly value: unknown;
  readonly dispose: (value: unknown) => unknown;
}

/** Ends the last first, one after the other; one that fails keeps no other from its end. Rejects with InjectFailures. */
export async function disposeAll(
  disposals: readonly Disposal[],
  onNext: (name: string) => void,
): Promise<void> {
  const failures: { name: string; error: unknown }[] = [];
  for (const { name, value, dispose } of disposals.toReversed()) {
    onNext(name);
    try {
      await dispose(value);
    } catch (error) {
      failures.push({ name, error });
    }
  }
  if (failures.length > 0) throw new InjectFailures('DISPOSE_FAILED', failures);
}
