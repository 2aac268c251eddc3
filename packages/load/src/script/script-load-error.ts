import { PlanError, type FilePosition, type PlanFault } from '../plan/errors.ts';

/**
 * A scenario file that cannot be loaded: `code` SCRIPT_FILE, SCRIPT_SYNTAX, SCRIPT_IMPORT, SCRIPT_TYPES, SCRIPT_THREW,
 * SCRIPT_HUNG, SCRIPT_EXIT or SCRIPT_TARGET. Several faults of one kind are in one message, each with its place and its line.
 */
export class ScriptLoadError extends PlanError {
  override readonly name: string = 'ScriptLoadError';

  constructor(
    faults: readonly [fault: PlanFault, position: FilePosition | null][],
    detail = '',
    options?: ErrorOptions,
  ) {
    super(...faults[0]!, options);
    const messages = faults.map(([fault, position]) => new PlanError(fault, position).message);
    this.message = `${messages.join('\n')}${detail}`;
  }
}
