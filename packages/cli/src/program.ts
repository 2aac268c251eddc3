import { Command, CommanderError, Option } from 'commander';
import { UsageError } from './errors.ts';
import { helpAfter, initHelpAfter, runHelpAfter, stressHelpAfter } from './flags/help-text.ts';
import { addLoadFlags, type LoadFlagValues } from './flags/load-flags.ts';
import {
  addStressFlags,
  addSweepFlags,
  type StressFlagValues,
  type SweepFlagValues,
} from './flags/search-flags.ts';
import { explainUsageError } from './flags/explain-usage-error.ts';
import { checkTargetArgument } from './flags/target-argument.ts';
import { createStyle, wantsColor } from './print/style.ts';
import { exitCodes } from './process/exit-code.ts';
import { reportError } from './process/report-error.ts';
import type { Shell } from './process/shell.ts';
import { versionLine } from './process/version-line.ts';
import type { RunPlanFlagValues } from './commands/run-plan.ts';
import type { RunLoad } from './run/execute-run.ts';

/** Everything heavy behind the commands, loaded only when one of them needs it. */
export interface Engine {
  readonly runLoad: RunLoad;
}

const engineOfThisPackage: Engine = {
  runLoad: async (plan, options) => (await import('@needletail/load')).runLoad(plan, options),
};

/** Parses the arguments (without runtime and script), runs the command they name, and gives the exit code. */
export async function runCommand(
  argv: readonly string[],
  shell: Shell,
  engine: Engine = engineOfThisPackage,
): Promise<number> {
  const dashes = argv.indexOf('--');
  const flags = dashes === -1 ? argv : argv.slice(0, dashes);
  const commandUnderTest = dashes === -1 ? [] : argv.slice(dashes + 1);
  let exitCode: number = exitCodes.passed;
  const program = buildProgram(shell, engine, commandUnderTest, (code) => {
    exitCode = code;
  });
  if (argv.length === 0) {
    program.outputHelp({ error: true });
    return exitCodes.usage;
  }
  try {
    await program.parseAsync(flags, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, shell);
    if (error.exitCode === 0) return exitCodes.passed;
    return reportError(explainUsageError(error), shell);
  }
}

function buildProgram(
  shell: Shell,
  engine: Engine,
  commandUnderTest: readonly string[],
  conclude: (exitCode: number) => void,
): Command {
  const program = new Command('needletail')
    .description(
      'Loads an HTTP service, measures it honestly, and says whether to trust the figures.',
    )
    .usage('<url> [flags]\n       needletail run <file> [flags]')
    .argument('[url]', 'address to load, one request over and over')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void shell.stdout.write(text),
      writeErr: (text) => void shell.stderr.write(text),
      // Printed once, in the words of this command, when the error is caught.
      outputError: () => undefined,
      getOutHelpWidth: () => helpWidth(shell.stdout.columns),
      getErrHelpWidth: () => helpWidth(shell.stderr.columns),
      getOutHasColors: () => wantsColor(shell.stdout, shell.env),
      getErrHasColors: () => wantsColor(shell.stderr, shell.env),
    })
    .configureHelp({ styleTitle: createStyle(true).heading })
    .commandsGroup('Commands:');
  addLoadFlags(program)
    .optionsGroup('Other:')
    .version(versionLine(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this; needletail <command> --help for a command')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', helpAfter);
  refuseFlagsBeforeCommand(program);
  program.action(async (url: string | undefined, values: LoadFlagValues) => {
    if (url !== undefined) {
      checkTargetArgument(url, [...program.commands.map((command) => command.name()), 'help']);
    }
    const { quickRun } = await import('./commands/quick-run.ts');
    conclude(await quickRun(url, values, commandUnderTest, shell, engine.runLoad));
  });
  addCommands(program, shell, engine, commandUnderTest, conclude);
  addAids(program, shell, engine, conclude);
  return program;
}

function addCommands(
  program: Command,
  shell: Shell,
  engine: Engine,
  commandUnderTest: readonly string[],
  conclude: (exitCode: number) => void,
): void {
  addLoadFlags(
    program.command('run').argument('<file>', 'scenario (.ts, .js) or plan (.yaml, .json)'),
  )
    .description('run a scenario in TypeScript, or a plan in YAML or JSON')
    .usage('<file> [flags]')
    .optionsGroup('Other:')
    .option('--no-typecheck', 'run a scenario without checking its types')
    .addHelpText('after', runHelpAfter)
    .action(async (file: string, values: RunPlanFlagValues) => {
      const { runPlan } = await import('./commands/run-plan.ts');
      conclude(await runPlan(file, values, commandUnderTest, shell, engine.runLoad));
    });
  addStressFlags(program.command('stress').argument('[target]', 'address or plan'))
    .description(
      'raise the load until an objective breaks: what is sustained, what breaks, recovery',
    )
    .addHelpText('after', stressHelpAfter)
    .action(async (target: string | undefined, values: StressFlagValues) => {
      const { stress } = await import('./commands/stress.ts');
      conclude(await stress(target, values, commandUnderTest, shell, engine.runLoad));
    });
  addSweepFlags(program.command('sweep').argument('[target]', 'address or plan'))
    .description('throughput and latency at several levels: the knee, and the law they follow')
    .action(async (target: string | undefined, values: SweepFlagValues) => {
      const { sweep } = await import('./commands/sweep.ts');
      conclude(await sweep(target, values, commandUnderTest, shell, engine.runLoad));
    });
}

/** Commands that load nothing of the user's. */
function addAids(
  program: Command,
  shell: Shell,
  engine: Engine,
  conclude: (exitCode: number) => void,
): void {
  program
    .command('init')
    .description('write a first scenario, with comments')
    .argument('[file]', 'where to', 'load.ts')
    .option('--target <url>', 'address to load', 'http://localhost:8080')
    .addHelpText('after', initHelpAfter)
    .action(async (file: string, flags: { readonly target: string }) => {
      const { init } = await import('./commands/init.ts');
      conclude(await init(file, flags, shell));
    });
  program
    .command('demo')
    .description('start the demo target, load it for eight seconds, show the result')
    .option('--quiet', 'only errors and the verdict line, on standard error')
    .option('--no-live', 'a line a second instead of the live panel')
    .action(async (flags: { readonly quiet?: boolean; readonly live: boolean }) => {
      const { demo } = await import('./commands/demo.ts');
      const { startDemoProcess } = await import('./process/start-demo-process.ts');
      conclude(await demo(flags, shell, engine.runLoad, startDemoProcess));
    });
  program
    .command('serve')
    .description('run the built-in demo target until Ctrl-C')
    .addArgument(program.createArgument('[target]', 'what to serve').choices(['demo']))
    .addOption(new Option('-p, --port <port>', 'port; 0 picks a free one').default('8080'))
    .addOption(new Option('--host <address>', 'address to listen on').default('127.0.0.1'))
    .action(async (_target: string | undefined, flags: { port: string; host: string }) => {
      const { serve } = await import('./commands/serve.ts');
      const { startDemoTarget } = await import('./demo-target/demo-target.ts');
      conclude(await serve(flags, shell, startDemoTarget));
    });
  program
    .command('backends')
    .description('what this machine and runtime offer the generator')
    .action(async () => {
      const { backends } = await import('./commands/backends.ts');
      conclude(backends(shell));
    });
}

/** A load flag before the name of a command would be dropped without a word. */
function refuseFlagsBeforeCommand(program: Command): void {
  program.hook('preSubcommand', (_program, command) => {
    const misplaced = program.options.find(
      (option) => program.getOptionValueSource(option.attributeName()) === 'cli',
    );
    if (misplaced === undefined) return;
    throw new UsageError(
      'FLAG_BEFORE_COMMAND',
      `Misplaced flag: ${misplaced.long ?? misplaced.short} stands before the command (${command.name()}). Write it after, as in needletail ${command.name()} … ${misplaced.long ?? misplaced.short}.`,
    );
  });
}

const widestHelp = 100;

function helpWidth(columns: number | undefined): number {
  return Math.min(widestHelp, columns ?? 80);
}
