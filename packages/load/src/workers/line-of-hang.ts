import { setTimeout as pause } from 'node:timers/promises';
import { openWorkerInspector, type WorkerInspector } from './worker-inspector.ts';

const SAMPLED_MS = 200;

/** What keeps a thread from turning its event loop, as far as it can be seen from outside. */
export interface Hang {
  /** A line of a stack; null when nobody knows. */
  readonly line: string | null;
  /** It does nothing but look for memory to free. */
  readonly collectsGarbage: boolean;
}

const UNKNOWN: Hang = { line: null, collectsGarbage: false };

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface PausedFrame {
  readonly functionName: string;
  readonly location: {
    readonly scriptId: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly hitCount: number;
  readonly children?: readonly number[];
  readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[];
}

/**
 * Where the worker thread of this name is; `show` makes a line of a stack, or null. It is sampled first: a thread that
 * collects garbage must not be asked to pause, as it would do so when nobody resumes it any more and never end. Samples
 * tell the function that loops only where it was called while they were taken; a pause tells the line.
 */
export async function lineOfHang(
  name: string,
  show: (stack: string) => string | null,
): Promise<Hang> {
  const inspector = await openWorkerInspector(name);
  if (inspector === null) return UNKNOWN;
  try {
    const nodes = await sample(inspector);
    if (nodes === null) return UNKNOWN;
    if (isCollecting(nodes)) return { line: show(sampledStack(nodes)), collectsGarbage: true };
    const line = (await pausedAt(inspector, show)) ?? show(sampledStack(nodes));
    return { line, collectsGarbage: false };
  } finally {
    inspector.close();
  }
}

async function sample(inspector: WorkerInspector): Promise<readonly ProfileNode[] | null> {
  const started = [inspector.call('Profiler.enable'), inspector.call('Profiler.start')];
  if ((await Promise.all(started)).includes(null)) return null;
  await pause(SAMPLED_MS);
  const stopped = (await inspector.call('Profiler.stop')) as {
    readonly profile: { readonly nodes: readonly ProfileNode[] };
  } | null;
  return stopped?.profile.nodes ?? null;
}

function isCollecting(nodes: readonly ProfileNode[]): boolean {
  let all = 0;
  let collecting = 0;
  for (const { callFrame, hitCount } of nodes) {
    all += hitCount;
    if (callFrame.functionName === '(garbage collector)') collecting += hitCount;
  }
  return collecting > all / 2;
}

/** The stack that most samples saw, innermost call first. */
function sampledStack(nodes: readonly ProfileNode[]): string {
  const callers = new Map<number, ProfileNode>();
  for (const node of nodes) for (const child of node.children ?? []) callers.set(child, node);
  const called = nodes.filter(({ callFrame }) => callFrame.url !== '');
  const [hottest] = called.toSorted((left, right) => right.hitCount - left.hitCount);
  const lines: string[] = [];
  for (let node: ProfileNode | undefined = hottest; node; node = callers.get(node.id)) {
    const [most] = (node.positionTicks ?? []).toSorted((left, right) => right.ticks - left.ticks);
    const { callFrame } = node;
    const isSeen = most !== undefined;
    const line = isSeen ? most.line : callFrame.lineNumber + 1;
    lines.push(stackLine(callFrame, line, isSeen ? 1 : callFrame.columnNumber + 1));
  }
  return ['Error: sampled', ...lines].join('\n');
}

async function pausedAt(
  inspector: WorkerInspector,
  show: (stack: string) => string | null,
): Promise<string | null> {
  // Frames of a pause have the number of their script, and no address.
  const urls = new Map<string, string>();
  inspector.on('Debugger.scriptParsed', (script) => {
    const { scriptId, url } = script as { readonly scriptId: string; readonly url: string };
    urls.set(scriptId, url);
  });
  const told = inspector.next('Debugger.paused');
  await Promise.all([inspector.call('Debugger.enable'), inspector.call('Debugger.pause')]);
  const paused = (await told) as {
    readonly callFrames: readonly PausedFrame[];
  } | null;
  // A thread that stays paused cannot be ended.
  await Promise.all([inspector.call('Debugger.resume'), inspector.call('Debugger.disable')]);
  if (paused === null) return null;
  const lines = paused.callFrames.map(({ functionName, location }) => {
    const { scriptId, lineNumber, columnNumber } = location;
    const url = urls.get(scriptId) ?? '';
    return stackLine({ functionName, url }, lineNumber + 1, columnNumber + 1);
  });
  return show(['Error: paused', ...lines].join('\n'));
}

function stackLine(
  { functionName, url }: Pick<CallFrame, 'functionName' | 'url'>,
  line: number,
  column: number,
): string {
  const name = functionName === '' ? '<anonymous>' : functionName;
  return `    at ${name} (${url}:${line}:${column})`;
}
