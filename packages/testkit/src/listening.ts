import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

const TRIES = 200;
const PAUSE_MS = 25;

/** A port of 127.0.0.1 that was free a moment ago, for programs that cannot be told to choose one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until a connection to the port is accepted: five seconds at most, and no longer than `child` lives. */
export async function untilListening(port: number, child?: ChildProcess): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (await isAccepted(port)) return;
    if (child !== undefined && (child.exitCode !== null || child.signalCode !== null)) {
      throw new Error(`Server not started: it ended with ${child.exitCode}. See its output.`);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`Nothing listens on port ${port}.`);
}

async function isAccepted(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
  });
  socket.destroy();
  return isOpen;
}
