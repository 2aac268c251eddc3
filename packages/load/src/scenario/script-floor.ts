import { ScriptNames } from '../collect/script-names.ts';
import { ScriptTally } from '../collect/script-tally.ts';
import { Tally } from '../collect/tally.ts';
import { Tickets } from '../drive/tickets.ts';
import { plainPlan } from '../plan/plain-plan.ts';
import type { ScriptPlan } from '../plan/script-plan.ts';
import { floorOf, withNullTarget } from '../workers/floor.ts';
import type { Floor } from '../workers/messages.ts';
import type { UserContext } from './definition.ts';
import { ScriptAttack } from './script-attack.ts';
import { openNetworkLines } from './target-lines.ts';

/** Enough for the engine to have compiled what a request of a scenario goes through, and done in a tenth of a second. */
const ITERATIONS = 2000;

/**
 * As `measureFloor`, for users who are scripts: what the client, the checks and the records of a scenario add. Each thread
 * runs it before the load, for at a low rate code that is not compiled yet costs a tenth of a millisecond per request.
 */
export function measureScriptFloor(): Promise<Floor> {
  return withNullTarget(async (url, address) => {
    const plan = plainPlan(url);
    const tally = new Tally(1);
    const attack = new ScriptAttack({
      plan,
      script: SCRIPT,
      functionOf: () => user,
      shared: undefined,
      worker: 0,
      workers: 1,
      tally,
      scriptTally: new ScriptTally(1),
      names: new ScriptNames(ScriptNames.createShared()),
      tickets: [Tickets.createShared()],
      openLines: (recorder) =>
        openNetworkLines({
          plan,
          script: SCRIPT,
          recorder,
          maxConnections: 1,
          addresses: [address],
        }),
      onStop: () => undefined,
      onExchange: () => undefined,
      onMessage: () => undefined,
    });
    await attack.run(performance.now());
    return floorOf(tally);
  });
}

async function user({ http, check }: UserContext): Promise<void> {
  const response = await http.get('/');
  check(response, { answered: ({ status }) => status === 200 });
}

const SCRIPT: ScriptPlan = {
  file: '',
  moduleUrl: '',
  scenarios: [{ name: 'floor', weight: 1 }],
  streams: [
    {
      load: { kind: 'constant', users: 1, durationMs: 250 },
      maxIterations: ITERATIONS,
      maxUsers: 1,
      scenarios: [0],
      thinkMs: 0,
    },
  ],
  feeds: [],
  vars: {},
  connections: 'own',
  maxConnections: 1,
  session: 'user',
  headers: [],
  http2: false,
  followRedirects: true,
  hasSetup: false,
  hasTeardown: false,
  trace: false,
};
