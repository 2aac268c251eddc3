import type { CommanderError } from 'commander';
import { UsageError } from '../errors.ts';

/** A failure of the flag parser in this command's own words; keeps the suggestion the parser made. */
export function explainUsageError(error: CommanderError): UsageError {
  const [cause, ...hints] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = /Did you mean (?:one of )?(.+?)\?/.exec(hints.join(' '))?.[1];
  const remedy =
    suggestion === undefined
      ? 'See needletail --help.'
      : `Did you mean ${suggestion}? All of them: needletail --help.`;
  const code = error.code.replace('commander.', '').replace(/[A-Z]/g, '_$&').toUpperCase();
  return new UsageError(code, `${explain(error.code, cause)}. ${remedy}`, { cause: error });
}

/** The parser puts what a message is about between single quotes, and a full stop after some messages. */
function explain(code: string, cause: string): string {
  const subject = /'([^']*)'/.exec(cause)?.[1] ?? cause;
  switch (code) {
    case 'commander.unknownOption':
      return `Unknown flag: there is none of that name (${subject})`;
    case 'commander.optionMissingArgument':
      return `Flag without its value: something has to follow it (${subject})`;
    case 'commander.missingArgument':
      return `Argument missing: the command needs it (<${subject}>)`;
    case 'commander.excessArguments':
      return `Too many arguments: ${cause.replace(/^too many arguments[^.]*\. /, '').replace(/\.$/, '')}`;
    case 'commander.invalidArgument': {
      const allowed = /Allowed choices are (.*?)\.?$/.exec(cause)?.[1];
      return `Unknown argument: there is none of that name (${subject})${allowed === undefined ? '' : `. Known: ${allowed}`}`;
    }
    default:
      return `Bad usage: ${cause.replace(/\.$/, '')}`;
  }
}
