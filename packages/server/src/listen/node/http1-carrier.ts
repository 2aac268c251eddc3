import type { IncomingMessage, ServerResponse } from 'node:http';
import { FieldMap, REASON_PHRASES } from '@needletail/wire';
import type { CarriedHead, FieldPairs } from '../hosted/carrier.ts';
import { withHostOf } from '../origin-form.ts';
import { lingerAtEnd } from './linger.ts';
import { NodeCarrier } from './node-carrier.ts';

const PROCESSING = 102;
const EARLY_HINTS = 103;
const UPGRADE_REQUIRED = 426;

/** One request of node:http. */
export class Http1Carrier extends NodeCarrier<IncomingMessage, ServerResponse> {
  readonly httpVersion: '1.0' | '1.1';
  readonly bodyLength: number | null;
  readonly #drainMs: number;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    owesContinue: boolean,
    drainMs: number,
  ) {
    super(request, response, owesContinue);
    this.httpVersion = request.httpVersion === '1.0' ? '1.0' : '1.1';
    this.bodyLength = lengthOf(request);
    this.#drainMs = drainMs;
    // What a socket says after its end has come is told by 'close'.
    response.on('error', ignoreError);
    request.on('error', ignoreError);
  }

  readFields(): FieldMap {
    const { method, url, rawHeaders } = this.request;
    let head = `${method} ${url} HTTP/${this.httpVersion}`;
    for (let index = 0; index < rawHeaders.length; index += 2) {
      head += `\r\n${rawHeaders[index]}: ${rawHeaders[index + 1]}`;
    }
    return FieldMap.ofHead(withHostOf(head));
  }

  /** node:http sends 102, and 103 with a Link; it has no way to send others. */
  interim(status: number, fields: FieldPairs): void {
    if (status === PROCESSING) return this.response.writeProcessing();
    if (status !== EARLY_HINTS) return;
    const hints = Object.create(null) as Record<string, string | string[]>;
    for (const [name, value] of fields) {
      const key = name.toLowerCase();
      if (hints[key] === undefined) hints[key] = value;
      else hints[key] = [hints[key], value].flat();
    }
    if (hints['link'] !== undefined) this.response.writeEarlyHints(hints);
  }

  /** node:http writes a chunk at once, so that this is between two of them. */
  probe(): void {
    if (this.response.chunkedEncoding) this.response.socket?.write('0');
  }

  abort(): void {
    const { socket } = this.request;
    if ('encrypted' in socket || socket.remoteAddress === undefined) socket.destroy();
    else socket.resetAndDestroy();
  }

  protected override sendHead(): void {
    this.response.flushHeaders();
  }

  protected writeHead({ status, fields, length, isLast }: CarriedHead): void {
    const { response, request } = this;
    if (isLast) {
      response.shouldKeepAlive = false;
      if (!request.complete) lingerAtEnd(request.socket, this.#drainMs);
    }
    const lines: string[] = fields.flat();
    if (length !== null) lines.push('Content-Length', `${length}`);
    if (status === UPGRADE_REQUIRED) {
      // It has to name what to switch to (RFC 9110 §15.5.22).
      const connection = response.shouldKeepAlive ? 'Upgrade' : 'Upgrade, close';
      lines.push('Upgrade', 'websocket', 'Connection', connection);
    }
    response.writeHead(status, REASON_PHRASES[status] ?? '', lines);
  }

  protected onClosed(closed: (isComplete: boolean) => void): void {
    this.response.once('close', () => closed(this.response.writableFinished));
  }
}

/** Bytes of the body as announced; null when chunked, 0 when there is none. */
export function lengthOf({ headers }: IncomingMessage): number | null {
  if (headers['transfer-encoding'] !== undefined) return null;
  return Number(headers['content-length'] ?? 0);
}

function ignoreError(): void {}
