import { readdirSync, readFileSync } from 'node:fs';

const BYTES_PER_MB = 1024 * 1024;

/** Resident memory of a process in megabytes, and the most it ever had; null once it has ended. Linux. */
export function memoryOf(pid: number): { readonly rssMb: number; readonly peakMb: number } | null {
  const status = readProc(`/proc/${pid}/status`);
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status ?? '')?.[1] ?? Number.NaN);
  const rssMb = (kilobytes('VmRSS') * 1024) / BYTES_PER_MB;
  // A process that has ended but was not waited for yet has a status without memory.
  return Number.isNaN(rssMb) ? null : { rssMb, peakMb: (kilobytes('VmHWM') * 1024) / BYTES_PER_MB };
}

/** Processor time of the main thread alone, in milliseconds; null once the process has ended. Linux. */
export function mainThreadCpuMs(pid: number): number | null {
  const schedstat = readProc(`/proc/${pid}/task/${pid}/schedstat`);
  return schedstat === null ? null : Number(schedstat.split(' ')[0]) / 1e6;
}

/** The processes that `pid` has started. */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => (readProc(`/proc/${pid}/task/${task}/children`) ?? '').split(' '))
    .filter((child) => child !== '')
    .map(Number);
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}
