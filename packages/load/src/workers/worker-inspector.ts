/** A thread that runs code answers within milliseconds where there is a core for it; one that collects garbage may not at all. */
const LONGEST_ANSWER_MS = 5000;

/** Asks one worker thread of this process through the inspector of Node (domain NodeWorker). */
export interface WorkerInspector {
  /** What the thread answers; null when it does not in time, or refuses. */
  call(method: string, params?: object): Promise<unknown>;
  /** What the thread tells next under this name; null when it does not in time. */
  next(event: string): Promise<unknown>;
  /** Hears of everything that the thread tells under this name. */
  on(event: string, listener: (told: unknown) => void): void;
  close(): void;
}

interface Attached {
  readonly sessionId: string;
  readonly workerInfo: { readonly title: string };
}

interface Told {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly params?: unknown;
}

/** Opens the inspector of the worker that was started with this name; null where the runtime has none (Bun), or not in time. */
export async function openWorkerInspector(name: string): Promise<WorkerInspector | null> {
  if ('bun' in process.versions) return null;
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connect();
  const waiting = new Map<number | string, (value: unknown) => void>();
  const listeners = new Map<string, (told: unknown) => void>();
  session.on(
    'NodeWorker.receivedMessageFromWorker',
    ({ params }: { readonly params: { readonly message: string } }) => {
      const { id, method, result, params: told } = JSON.parse(params.message) as Told;
      if (method !== undefined) listeners.get(method)?.(told);
      waiting.get(id ?? method!)?.(id === undefined ? told : (result ?? null));
    },
  );
  const answerTo = (key: number | string): Promise<unknown> => {
    return inTime((settle) => waiting.set(key, settle)).finally(() => waiting.delete(key));
  };
  const sessionId = await inTime<string>((settle) => {
    session.on('NodeWorker.attachedToWorker', ({ params }: { readonly params: Attached }) => {
      if (params.workerInfo.title.endsWith(name)) settle(params.sessionId);
    });
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  });
  if (sessionId === null) {
    session.disconnect();
    return null;
  }
  let id = 0;
  return {
    call(method, params = {}) {
      id += 1;
      const answer = answerTo(id);
      const message = JSON.stringify({ id, method, params });
      session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
      return answer;
    },
    next: answerTo,
    on: (event, listener) => void listeners.set(event, listener),
    close: () => session.disconnect(),
  };
}

/** What `begin` settles with, or null when that takes too long. */
function inTime<T>(begin: (settle: (value: T) => void) => void): Promise<T | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), LONGEST_ANSWER_MS);
    begin((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
