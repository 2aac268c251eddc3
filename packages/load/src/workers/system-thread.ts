import { readFileSync, readlinkSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';

/** Ending a thread takes milliseconds. */
const LONGEST_END_MS = 2000;

/** Where a thread writes what the system calls it, for those who may have to end it. */
export function createThreadPlace(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
}

/** To be called by the thread itself, before anything that may hang. Where the system does not tell, the place stays 0. */
export function tellThread(place: SharedArrayBuffer): void {
  try {
    const id = /(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1];
    new Int32Array(place)[0] = Number(id ?? 0);
  } catch {
    // Only Linux has it.
  }
}

/**
 * Ends a thread. One that waits for a process which it has started (`execSync`) cannot be ended, and the end of this process
 * would wait for it: that process is ended instead. One that cannot be ended at all is left, and ends with the process.
 */
export async function endThread(thread: Worker, place: SharedArrayBuffer): Promise<void> {
  thread.unref();
  const ended = thread.terminate().then(() => true);
  if (await within(ended)) return;
  const id = new Int32Array(place)[0]!;
  if (id === 0) return;
  for (const pid of startedBy(process.pid, id)) kill(pid);
  await within(ended);
}

/** Whether it happens in time. */
async function within(work: Promise<boolean>): Promise<boolean> {
  const given = new AbortController();
  const tooLong = pause(LONGEST_END_MS, false, { signal: given.signal }).catch(() => false);
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    given.abort();
  }
}

/** Processes that a thread has started (proc_pid_task_children(5)), and those that these have. */
function startedBy(pid: number, threadId: number): number[] {
  const children = (read(`/proc/${pid}/task/${threadId}/children`) ?? '')
    .split(' ')
    .filter(Boolean);
  return children
    .map(Number)
    .flatMap((child) => [child, ...threadsOf(child).flatMap((thread) => startedBy(child, thread))]);
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}
