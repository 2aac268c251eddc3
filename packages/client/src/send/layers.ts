import { bufferLayer } from './buffer.ts';
import { authLayer } from './auth-layer.ts';
import { cookiesLayer } from './cookies.ts';
import { decodeLayer } from './decode.ts';
import { diagnosticsLayer } from './diagnostics.ts';
import { hooksLayer } from './hooks.ts';
import type { Layer, Send } from './layer.ts';
import { rateLimitLayer } from './rate-limit.ts';
import { redirectLayer } from './redirect.ts';
import { retryLayer } from './retry.ts';
import { route } from './route.ts';
import { totalTimeoutLayer } from './total-timeout.ts';
import { traceContextLayer } from './trace-context.ts';
import type { ClientSettings } from '../model/client-settings.ts';
import type { Transport } from '../transport/transport.ts';

/**
 * Everything between a call and the transport, in the one order there is:
 *
 *   call ─▶ total time-out ─▶ redirects ─▶ authentication ─▶ body whole ─▶ decoding ─▶ retries
 *        ─▶ rate limit ─▶ cookies ─▶ trace context ─▶ hooks ─▶ diagnostics ─▶ mounts ─▶ transport
 *
 * So a redirect is authenticated anew; each try counts against the rate limit, carries the cookies of the moment and is
 * seen by the hooks; and what an answer says is decoded before authentication reads it. Layers that a client has no use
 * for are left out, and the others return the promise of the next one while they have nothing to do.
 */
export function buildSend(settings: ClientSettings, transport: Transport): Send {
  const { clock, rateLimiter, cookieStore, traceContext, hooks } = settings;
  const retrySources = { clock, random: Math.random, wallClockMs: Date.now };
  const layers: readonly (Layer | null)[] = [
    totalTimeoutLayer(clock),
    redirectLayer(settings.allowDowngrade),
    authLayer,
    bufferLayer,
    decodeLayer,
    retryLayer(retrySources),
    rateLimiter === null ? null : rateLimitLayer(rateLimiter),
    cookieStore === null ? null : cookiesLayer(cookieStore),
    traceContext === false ? null : traceContextLayer(traceContext),
    hooks === null ? null : hooksLayer(hooks),
    diagnosticsLayer,
  ];
  return layers.reduceRight<Send>(
    (next, layer) => (layer === null ? next : (request) => layer(request, next)),
    route(settings.mounts, transport),
  );
}
