import { runLoad } from '@needletail/load';
import { startNginx } from '../compare/nginx.ts';
import type { Gates } from './gates.ts';
import { atRate, plainPlan, withUsers } from './plain-plan.ts';

const CONNECTIONS = 50;
const SECONDS = 10;

/** The rate kept at half of what generator and nginx can do together, first found with a closed loop. */
export async function checkRateAtHalfCapacity(gates: Gates): Promise<void> {
  const nginx = await startNginx();
  try {
    const flatOut = await runLoad(plainPlan(nginx.url, withUsers(CONNECTIONS, 3)));
    const rate = Math.floor(flatOut.summary.throughput.requestsPerSecond / 2);
    const { summary } = await runLoad(
      plainPlan(nginx.url, atRate(rate, SECONDS), { connections: CONNECTIONS }),
    );
    const { ledger, throughput, generator, series } = summary;
    gates.equal(`half of capacity, ${rate}/s: requests`, ledger.ok, rate * SECONDS);
    gates.within('half of capacity: rate', throughput.requestsPerSecond, rate, 0.001);
    // The first second holds the start of the schedule, the last its end; in between each is a whole one.
    const whole = series.slice(1, -1).map((point) => point.requestsPerSecond / rate - 1);
    const worst = Math.max(...whole.map(Math.abs));
    gates.below('half of capacity: worst whole second, off by', worst, 0.01);
    gates.below('half of capacity: sent late at p99, ms', generator.latenessMs.p99, 1);
    gates.note(`verdict ${summary.verdict.status}: ${summary.verdict.reasons.join(' ')}`);
  } finally {
    await nginx.stop();
  }
}
