/**
 * The faulty server as a program, so that a test may stop it with a signal or starve it.
 *
 *   argv[2]   FaultyServerOptions as JSON (optional)
 *   stdout    {"port":…} once it listens, then one line of JSON for each command
 *   stdin     log · counts · clear · freeze <ms> · close, one a line
 */
import { createInterface } from 'node:readline';
import { startFaultyServer, type FaultyServerOptions } from './faulty-server.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as FaultyServerOptions;
const server = await startFaultyServer(options);

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function obey(command: string, argument: string): void {
  switch (command) {
    case 'log':
      return print(server.arrivals);
    case 'counts':
      return print(server.counts());
    case 'clear':
      server.clear();
      return print({ cleared: true });
    case 'freeze':
      server.freeze(Number(argument));
      return print({ frozenMs: Number(argument) });
    case 'close':
      return void process.stdin.destroy();
    default:
      return print({ error: `unknown command: ${command}` });
  }
}

print({ port: server.port });
const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  const [command, argument = ''] = line.trim().split(' ');
  obey(command, argument);
  if (command === 'close') break;
}
await server.close();
