import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { LinkError } from './errors.ts';

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];

/**
 * The addresses behind a host name, in the order the system prefers them. A literal address comes back as it is,
 * without brackets. `localhost` and names under it are both loopback addresses without asking anyone (RFC 6761 §6.3),
 * so that a target listening on either family is found.
 *
 * Throws a `LinkError` with code `DNS_FAILED`, or the reason of an aborted `signal`.
 */
export async function resolveHost(host: string, signal?: AbortSignal): Promise<readonly string[]> {
  signal?.throwIfAborted();
  const name = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (isIP(name) !== 0) return [name];
  if (isLocalhost(name)) return LOOPBACK;
  if (name === '') throw dnsError(host, 'the name is empty', undefined);

  const answer = lookup(name, { all: true, verbatim: true }).then(
    (entries) => [...new Set(entries.map((entry) => entry.address))],
    (cause: unknown) => {
      throw dnsError(host, reasonOf(cause), cause);
    },
  );
  return signal === undefined ? await answer : await untilAborted(answer, signal);
}

function isLocalhost(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === 'localhost' || lower === 'localhost.' || /\.localhost\.?$/.test(lower);
}

function reasonOf(cause: unknown): string {
  const code = (cause as { code?: string }).code;
  if (code === 'ENOTFOUND') return 'no such name';
  if (code === 'EAI_AGAIN') return 'the name server did not answer';
  return cause instanceof Error ? cause.message : String(cause);
}

function dnsError(host: string, reason: string, cause: unknown): LinkError {
  return new LinkError('DNS_FAILED', 'resolve', host, {
    reason,
    remedy: 'Check the spelling, the network and the name server, or use an IP address.',
    cause,
  });
}

/** The system's lookup cannot be cancelled: an abort only stops the waiting. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
