import type { MessagePort } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerStart } from '../workers/messages.ts';
import type { LoadDefinition } from './definition.ts';
import { ScriptRunner } from './script-runner.ts';

/** Makes this worker thread run the scripts of a plan. Whatever they throw ends up in the report and never ends the thread. */
export function runScripts(port: MessagePort, start: WorkerStart): void {
  const post = (message: FromWorker): void => port.postMessage(message);
  const runner = new ScriptRunner({
    start,
    post,
    loadDefinition: async () => {
      const module = (await import(start.plan.script!.moduleUrl)) as { default: LoadDefinition };
      return module.default;
    },
  });
  process.on('unhandledRejection', (reason) => runner.recordUnhandled(reason));
  process.on('uncaughtException', (error) => runner.recordUnhandled(error));
  const orTell = (work: Promise<void>): void => {
    work.catch((error: unknown) => {
      const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
      post({ type: 'broken', message, stack });
    });
  };
  port.on('message', (message: ToWorker) => orTell(runner.receive(message)));
  orTell(runner.load());
}
