import { timed, type Tool } from './tools.ts';

/** For how many seconds a tool runs so that what start-up costs can be taken off. */
export interface RunLengths {
  readonly shortSeconds: number;
  readonly longSeconds: number;
}

/** Processor microseconds per request of a tool: a long run less a short one. */
export function marginalMicros(
  tool: Tool,
  url: string,
  connections: number,
  { shortSeconds, longSeconds }: RunLengths,
): number {
  const run = (seconds: number): { cpuSeconds: number; requests: number } => {
    const { output, cpuSeconds } = timed(tool, tool.arguments(url, seconds, connections));
    return { cpuSeconds, requests: tool.requests(output, seconds) };
  };
  const short = run(shortSeconds);
  const long = run(longSeconds);
  return ((long.cpuSeconds - short.cpuSeconds) * 1e6) / (long.requests - short.requests);
}
