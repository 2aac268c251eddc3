import type { ClientHttp2Stream } from 'node:http2';
import { BodyLength } from '@needletail/wire';
import type { RequestBody } from '../body/request-body.ts';
import type { ClientRequest } from '../model/client-request.ts';

/** So that a slow peer shows progress and is not taken for a dead one. */
const PIECE_BYTES = 65_536;

/** Sends the body of one request as fast as the flow control of its stream takes it. */
export class Http2Upload {
  readonly #stream: ClientHttp2Stream;
  readonly #request: ClientRequest;
  readonly #body: RequestBody;
  readonly #onProgress: () => void;
  #isCancelled = false;
  #wake: (() => void) | null = null;

  /** `onProgress` is told whenever the peer has taken some of it. */
  constructor(
    stream: ClientHttp2Stream,
    request: ClientRequest,
    body: RequestBody,
    onProgress: () => void,
  ) {
    this.#stream = stream;
    this.#request = request;
    this.#body = body;
    this.#onProgress = onProgress;
    stream.on('drain', () => this.#rouse());
    stream.on('close', () => this.cancel());
  }

  /** Resolves when everything is written, or the stream is gone; rejects with what the source of the body threw. */
  async run(): Promise<void> {
    const { length, whole } = this.#body;
    const count = length === null ? null : new BodyLength(length);
    let sentBytes = 0;
    for await (const piece of whole === null ? piecesOf(this.#body.open()) : wholePieces(whole)) {
      if (this.#isCancelled) return;
      count?.add(piece.length);
      this.#request.watch?.bytesSent(piece.length);
      if (!this.#stream.write(piece)) await this.#drained();
      if (this.#isCancelled) return;
      sentBytes += piece.length;
      this.#onProgress();
      this.#request.onUploadProgress?.({ transferredBytes: sentBytes, totalBytes: length });
    }
    if (this.#isCancelled) return;
    count?.end();
    this.#stream.end();
  }

  /** Sends no more; `run` lets go of its source and resolves. */
  cancel(): void {
    this.#isCancelled = true;
    this.#rouse();
  }

  async #drained(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

async function* piecesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  for await (const data of source) yield* slices(data);
}

function wholePieces(whole: string | Uint8Array): Generator<Uint8Array, undefined> {
  return slices(typeof whole === 'string' ? Buffer.from(whole, 'utf8') : whole);
}

function* slices(data: Uint8Array): Generator<Uint8Array, undefined> {
  for (let at = 0; at < data.length; at += PIECE_BYTES) yield data.subarray(at, at + PIECE_BYTES);
}
