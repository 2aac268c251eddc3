import { Client, createNetworkTransport, type Transport } from '@needletail/client';
import { compileRequest } from '../drive/render-request.ts';
import type { Plan, RequestSpec } from '../plan/plan.ts';
import type { TracedExchange } from '../trace/traced-exchange.ts';
import { TracingTransport } from '../trace/tracing-transport.ts';

/** Sends a request with the values of one iteration; what comes of it is told as an exchange, also when it fails. */
export async function sendOnce(
  plan: Plan,
  spec: RequestSpec,
  iteration: number,
  signal: AbortSignal | undefined,
): Promise<TracedExchange> {
  let told: TracedExchange | null = null;
  // A connection of its own: a request on one that has just been closed would be sent a second time (RFC 9112 §9.3.1).
  const network = openNetwork(plan);
  const transport = new TracingTransport(network, (exchange) => (told = exchange));
  const client = new Client({
    transport,
    cookieJar: false,
    followRedirects: false,
    timeout: { total: plan.timeoutMs },
    // What a run sends, and nothing of a client's own.
    headers: { Accept: null, 'Accept-Encoding': null, 'User-Agent': null },
  });
  const { target, headers, body } = renderedRequest(plan, spec, iteration);
  const { origin } = new URL(spec.url.replace(/\{\{.*$/s, ''));
  try {
    await client.request(spec.method, origin + target, {
      name: spec.name,
      headers,
      ...(body === null ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    // What the transport was never asked to send was told to nobody.
    return told ?? unsent(spec, origin + target, error);
  } finally {
    await network.close();
  }
  return told!;
}

function openNetwork({ tls: { insecure, servername, ca } }: Plan): Transport {
  return createNetworkTransport({
    tls: {
      insecure,
      ...(servername === null ? {} : { servername }),
      ...(ca === null ? {} : { ca }),
    },
    proxy: null,
  });
}

/** The bytes a run would send, taken apart again; what a connection writes itself is left to it. */
function renderedRequest(
  plan: Plan,
  spec: RequestSpec,
  iteration: number,
): {
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | null;
} {
  const rows = plan.feed?.rows ?? [];
  const request = compileRequest(spec, {
    columns: plan.feed?.columns ?? [],
    keepAlive: plan.keepAlive,
    seed: plan.seed,
  });
  const text = request.render(iteration, rows.length === 0 ? null : rows[iteration % rows.length]!);
  const end = text.indexOf('\r\n\r\n');
  const [startLine, ...fields] = text.slice(0, end).split('\r\n');
  const headers = fields.map((field): readonly [string, string] => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon), field.slice(colon + 1).trim()];
  });
  const body = Buffer.from(text.slice(end + 4), 'latin1');
  return {
    target: startLine!.split(' ')[1]!,
    headers: headers.filter(([name]) => !WRITTEN_BY_CONNECTION.test(name)),
    body: spec.body === null ? null : body,
  };
}

const WRITTEN_BY_CONNECTION = /^(?:host|content-length|connection)$/i;

function unsent(spec: RequestSpec, url: string, error: unknown): TracedExchange {
  return {
    name: spec.name,
    method: spec.method,
    url,
    headers: [],
    body: null,
    response: null,
    error: error instanceof Error ? error.message : String(error),
    timesMs: { sent: null, firstByte: null, total: 0 },
  };
}
