import { createInterface } from 'node:readline';
import type { BackendName } from '../backend.ts';
import type { ListenOptions } from '../exchange.ts';
import { listenOn } from '../listen-on.ts';
import { ContractApp } from './contract-app.fixture.ts';

/** What the program is told, as JSON, by its first argument. */
interface ProgramPlan {
  readonly server: BackendName;
  readonly options: ListenOptions;
}

// Serves a ContractApp, prints its port, and closes when it reads how long it may take.
const { server, options } = JSON.parse(process.argv[2]!) as ProgramPlan;
const { dispatch, onError, onUpgrade } = new ContractApp();
const listening = await listenOn(server, dispatch, {
  onError,
  onUpgrade,
  ...options,
});
console.log(listening.port);
for await (const line of createInterface(process.stdin)) {
  await listening.close({ graceMs: Number(line) });
  process.exit(0);
}
