import { toControl } from '../flags/control-flags.ts';
import { toWatched } from '../flags/watch-flags.ts';
import { UsageError } from '../errors.ts';
import type { LoadFlagValues } from '../flags/load-flags.ts';
import type { RunSettings } from './execute-run.ts';
import type { OutputRequest } from './output-files.ts';

/** The flags that are not part of the plan: where results go, and the command to test. */
export async function toRunSettings(
  values: LoadFlagValues,
  command: readonly string[],
): Promise<RunSettings> {
  return {
    outputs: await toOutputs(values),
    quiet: values.quiet ?? false,
    live: values.live,
    targetCommand: toTargetCommand(values.onPort, command),
    control: toControl(values),
    watch: toWatched(values),
    trace: values.trace ?? false,
    smoke: values.smoke ?? false,
  };
}

async function toOutputs(values: LoadFlagValues): Promise<readonly OutputRequest[]> {
  const { json, csv, hgrm } = values;
  if (json === undefined && csv === undefined && hgrm === undefined) return [];
  // Loaded on demand: most runs are only looked at.
  const { csvExporter, hgrmExporter, jsonExporter } = await import('@needletail/report');
  return [
    { path: json, exporter: jsonExporter },
    { path: csv, exporter: csvExporter },
    { path: hgrm, exporter: hgrmExporter },
  ].flatMap(({ path, exporter }) => (path === undefined ? [] : [{ path, exporter }]));
}

function toTargetCommand(
  portText: string | undefined,
  command: readonly string[],
): RunSettings['targetCommand'] {
  if (portText === undefined) {
    if (command.length === 0) return null;
    throw new UsageError(
      'COMMAND_WITHOUT_PORT',
      `A command without its port: ${command.join(' ')} (after --). Add --on-port <port>, the one it listens on.`,
    );
  }
  const port = Number(portText);
  if (!/^\d+$/.test(portText) || port < 1 || port > 65_535) {
    throw new UsageError(
      'BAD_PORT',
      `Bad value for --on-port: not a port (${portText}). Give a number from 1 to 65535.`,
    );
  }
  if (command.length === 0) {
    throw new UsageError(
      'PORT_WITHOUT_COMMAND',
      `Nothing to start: --on-port needs a command (port ${port}). Write it after --, as in --on-port ${port} -- node server.js.`,
    );
  }
  return { command, port };
}
