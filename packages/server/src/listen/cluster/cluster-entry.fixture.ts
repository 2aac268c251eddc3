import { createServer } from 'node:net';
import { listenOn } from '../listen-on.ts';
import type { ServerOptions } from '../server-options.ts';
import type { Dispatch } from '../exchange.ts';
import type { BackendName } from '../backend.ts';
import { isWorkerProcess } from './worker-messages.ts';

/** What the program is told, as JSON, by its first argument. */
export interface EntryPlan {
  readonly server?: BackendName;
  readonly options: ServerOptions;
  /** Has workers end at once when they listen. */
  readonly crashes?: boolean;
  /** Takes the port first, so that workers cannot have it. */
  readonly takesPort?: boolean;
}

const plan = JSON.parse(process.argv[2]!) as EntryPlan;

const dispatch: Dispatch = async (request, reply) => {
  if (request.target === '/crash') process.exit(3);
  if (request.target === '/never') return;
  if (request.target === '/slow') await new Promise((resolve) => setTimeout(resolve, 300));
  reply.send(200, '', `${process.pid}`);
};

let { options } = plan;
if (plan.takesPort === true && !isWorkerProcess()) {
  const taken = createServer();
  await new Promise<void>((resolve) => void taken.listen(options.port, '127.0.0.1', resolve));
}
try {
  const listening = await listenOn(plan.server, dispatch, options);
  if (isWorkerProcess()) {
    if (plan.crashes === true) process.exit(7);
  } else console.log(JSON.stringify({ port: listening.port, host: listening.host }));
} catch (error) {
  if (isWorkerProcess()) process.exit(1);
  console.error((error as Error).message);
  process.exit(2);
}
