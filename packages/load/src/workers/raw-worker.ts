import type { MessagePort } from 'node:worker_threads';
import { Dialer } from '@needletail/wire';
import { Attack } from '../attack.ts';
import { Tally } from '../collect/tally.ts';
import { targetOf } from '../plan/target-of.ts';
import { collectGarbage } from './collect-garbage.ts';
import { measureFloor } from './floor.ts';
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts';
import { ProcessorWatch } from './processor-watch.ts';

/** Failures are sent to the main thread this often; counts go through shared memory. */
const REPORT_EVERY_MS = 250;

/** Makes this worker thread send the requests of a plan. */
export function runRequests(port: MessagePort, start: WorkerStart): void {
  const post = (message: FromWorker): void => port.postMessage(message);
  const { plan } = start;
  const tally = new Tally(plan.requests.length, start.tally);
  const watch = new ProcessorWatch(tally, () => attack.spinning);
  const { host, tls, port: targetPort } = targetOf(plan);
  const attack: Attack = new Attack({
    plan,
    worker: start.worker,
    workers: start.workers,
    dialer: new Dialer(
      { host, port: targetPort, addresses: start.addresses },
      { ...(tls === null ? {} : { tls }), connectTimeoutMs: plan.timeoutMs },
    ),
    tally,
    tickets: start.tickets,
    isSaturated: watch.isSaturated,
    onMeasureStart: () => watch.restart(),
  });

  const prepare = async (): Promise<void> => {
    await attack.prepare();
    collectGarbage();
    post({ type: 'ready' });
  };
  const report = (): void => {
    const failures = attack.takeFailures();
    if (failures !== null) post({ type: 'failures', failures });
  };
  const carryOut = async (startAtEpochMs: number): Promise<void> => {
    watch.start();
    const reporter = setInterval(report, REPORT_EVERY_MS);
    await attack.run(startAtEpochMs - performance.timeOrigin);
    clearInterval(reporter);
    watch.stop();
    report();
    post({ type: 'done' });
    port.close();
  };

  port.on('message', (message: ToWorker) => {
    if (message.type === 'prepare') orThrow(prepare());
    else if (message.type === 'go') orThrow(carryOut(message.startAtEpochMs));
    else if (message.type === 'control') attack.steer(message.step);
    else if (message.type === 'stop') attack.stop();
  });
  orThrow(
    (start.measuresFloor ? measureFloor() : Promise.resolve(null)).then((floor) =>
      post({ type: 'loaded', floor }),
    ),
  );
}

/** Errors must end the thread with the error that the main thread reports, not with an unhandled rejection. */
function orThrow(work: Promise<void>): void {
  work.catch((error: unknown) => {
    setImmediate(() => {
      throw error;
    });
  });
}
