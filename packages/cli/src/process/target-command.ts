import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { TargetCommandError } from '../errors.ts';
import { OutputTail } from './output-tail.ts';

const pollMs = 50;
const readyTimeoutMs = 30_000;
const graceMs = 5000;
/** `localhost` may be either family, and a server may listen on one of them only. */
const loopbacks = ['127.0.0.1', '::1'];

/** A target started for the run and stopped after it. */
export interface TargetCommand {
  /** Of the command itself; what it starts are its descendants. */
  readonly pid: number;
  /** Settles when the command ends by itself; pending for good once `stop` was called. */
  readonly died: Promise<TargetCommandError>;
  /** SIGTERM to the whole process group, SIGKILL five seconds later. */
  stop(): Promise<void>;
}

export interface TargetCommandOptions {
  readonly command: readonly string[];
  readonly port: number;
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly readyTimeoutMs?: number;
}

/**
 * Starts a command and waits until its port answers (a connection opened and closed, no request).
 * Throws `TargetCommandError` when the port is taken already, when the command dies or when it stays silent.
 */
export async function startTargetCommand(options: TargetCommandOptions): Promise<TargetCommand> {
  const { command, port, signal } = options;
  if (await answers(port)) {
    throw new TargetCommandError(
      'PORT_TAKEN',
      `Cannot start the target: something else answers already (port ${port}). Stop it, or leave out --on-port to test it as it is.`,
      '',
    );
  }
  const target = new StartedCommand(options);
  const deadline = Date.now() + (options.readyTimeoutMs ?? readyTimeoutMs);
  try {
    while (!(await answers(port))) {
      const failure = await Promise.race([target.died, pause(pollMs, null, { signal })]);
      if (failure !== null) throw failure;
      if (Date.now() > deadline) {
        throw new TargetCommandError(
          'TARGET_SILENT',
          `The target did not answer: nothing listens on port ${port} after ${(options.readyTimeoutMs ?? readyTimeoutMs) / 1000} s (${command.join(' ')}). Check the port it listens on.`,
          target.output,
        );
      }
    }
  } catch (error) {
    await target.stop();
    throw error;
  }
  return target;
}

class StartedCommand implements TargetCommand {
  readonly died: Promise<TargetCommandError>;
  readonly #child: ChildProcess;
  readonly #closed: Promise<void>;
  readonly #tail = new OutputTail();
  #stopping = false;

  constructor({ command, cwd }: TargetCommandOptions) {
    const [file, ...args] = command;
    const child = spawn(file, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C in the terminal drains the run first, and what the command starts is stopped too.
      detached: process.platform !== 'win32',
    });
    this.#child = child;
    child.stdout.on('data', (bytes: Buffer) => this.#tail.add(bytes));
    child.stderr.on('data', (bytes: Buffer) => this.#tail.add(bytes));
    this.#closed = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    this.died = this.#watchDeath(command.join(' '));
    process.once('exit', this.#killGroup);
  }

  /** Known once its port has answered. */
  get pid(): number {
    return this.#child.pid!;
  }

  get output(): string {
    return this.#tail.text;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#signalGroup('SIGTERM');
    const grace = new AbortController();
    await Promise.race([
      this.#closed,
      pause(graceMs, undefined, { signal: grace.signal }).then(
        () => this.#signalGroup('SIGKILL'),
        () => undefined,
      ),
    ]);
    grace.abort();
    // Whatever the command started and did not take down with it.
    this.#signalGroup('SIGKILL');
    process.removeListener('exit', this.#killGroup);
  }

  #watchDeath(shown: string): Promise<TargetCommandError> {
    return new Promise((resolve) => {
      this.#child.once('error', (error: NodeJS.ErrnoException) => {
        const reason = error.code === 'ENOENT' ? 'no such command' : error.message;
        resolve(
          new TargetCommandError(
            'TARGET_NOT_STARTED',
            `Cannot start the target: ${reason} (${shown}). Check the command after --.`,
            '',
            { cause: error },
          ),
        );
      });
      this.#child.once('close', (code, signal) => {
        if (this.#stopping) return;
        const how = signal === null ? `exit code ${code}` : signal;
        resolve(
          new TargetCommandError(
            'TARGET_DIED',
            `The target ended by itself: ${how} (${shown}). ${this.output === '' ? 'It wrote nothing.' : 'It wrote last:'}`,
            this.output,
          ),
        );
      });
    });
  }

  readonly #killGroup = (): void => this.#signalGroup('SIGKILL');

  #signalGroup(name: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (process.platform === 'win32') this.#child.kill(name);
      else process.kill(-pid, name);
    } catch (error) {
      // ESRCH: the whole group is gone already, which is what was wanted.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

async function answers(port: number): Promise<boolean> {
  const tries = await Promise.all(loopbacks.map((host) => opens(host, port)));
  return tries.includes(true);
}

function opens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (opened: boolean) => {
      socket.destroy();
      resolve(opened);
    };
    socket.setTimeout(1000, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
