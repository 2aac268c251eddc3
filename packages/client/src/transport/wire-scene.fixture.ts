import { closing } from './closing.fixture.ts';
import {
  startScripted,
  transportTo,
  type ScriptedServer,
  type ServerConnection,
} from './wire-setup.fixture.ts';
import type { WireTransport, WireTransportOptions } from './wire-transport.ts';

/** A transport over TCP that is closed after the test. */
export function open(options: Partial<WireTransportOptions> = {}): WireTransport {
  return closing(transportTo(options));
}

/** A server of raw TCP that is closed after the test: see `startScripted`. */
export async function scripted(
  onData: (connection: ServerConnection, chunk: string) => void,
): Promise<ScriptedServer> {
  return closing(await startScripted(onData));
}
