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
      session.on('NodeWorker.attachedToWorker', ({ params }: { readonly params: Attached }) => {
        const { sessionId, workerInfo } = params;
        if (!workerInfo.title.endsWith(`needletail-${worker}`)) return;
        for (const [id, method] of ['Debugger.enable', 'Debugger.pause'].entries()) {
          const message = JSON.stringify({ id: id + 1, method });
          session.post('NodeWorker.sendMessageToWorker', { sessionId, message });
        }
      });
      session.on(
        'NodeWorker.receivedMessageFromWorker',
        ({ params }: { readonly params: { readonly message: string } }) => {
          const { method, params: told } = JSON.parse(params.message) as {
            readonly method?: string;
            readonly params?: { readonly callFrames?: readonly CallFrame[] };
          };
          if (method === 'Debugger.paused') resolve(told?.callFrames ?? null);
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
