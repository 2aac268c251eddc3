/** Asking costs as much at most; without an answer nobody knows the line. */
const LONGEST_WAIT_MS = 500;

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly location: { readonly lineNumber: number; readonly columnNumber: number };
}

interface Attached {
  readonly sessionId: string;
  readonly workerInfo: { readonly title: string };
}

interface Told {
  readonly message: string;
}

interface Notice {
  readonly method?: string;
  readonly params?: { readonly callFrames?: readonly CallFrame[] };
}

/**
 * Where the thread of a worker is, by pausing it (Node's inspector, domain NodeWorker); `show` makes a line of a stack, or
 * null. Null where the runtime does not tell (Bun), or not in time.
 */
export async function lineOfHang(
  worker: number,
  show: (stack: string) => string | null,
): Promise<string | null> {
  if ('bun' in process.versions) return null;
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connect();
  let timer: NodeJS.Timeout | undefined;
  try {
    const frames = new Promise<readonly CallFrame[] | null>((resolve) => {
      timer = setTimeout(() => resolve(null), LONGEST_WAIT_MS);
      let id = 0;
      let attached: string | null = null;
      const tell = (method: string): void => {
        id += 1;
        const message = JSON.stringify({ id, method });
        session.post('NodeWorker.sendMessageToWorker', { sessionId: attached!, message });
      };
      session.on('NodeWorker.attachedToWorker', ({ params }: { readonly params: Attached }) => {
        if (!params.workerInfo.title.endsWith(`needletail-${worker}`)) return;
        attached = params.sessionId;
        tell('Debugger.enable');
        tell('Debugger.pause');
      });
      session.on(
        'NodeWorker.receivedMessageFromWorker',
        ({ params }: { readonly params: Told }) => {
          const { method, params: told } = JSON.parse(params.message) as Notice;
          if (method !== 'Debugger.paused') return;
          // A thread that stays paused cannot be ended.
          tell('Debugger.resume');
          tell('Debugger.disable');
          resolve(told?.callFrames ?? null);
        },
      );
      session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
    });
    const found = await frames;
    return found === null ? null : show(stackOf(found));
  } finally {
    clearTimeout(timer);
    session.disconnect();
  }
}

function stackOf(frames: readonly CallFrame[]): string {
  const lines = frames.map(({ functionName, url, location }) => {
    const name = functionName === '' ? '<anonymous>' : functionName;
    return `    at ${name} (${url}:${location.lineNumber + 1}:${location.columnNumber + 1})`;
  });
  return ['Error: paused', ...lines].join('\n');
}
