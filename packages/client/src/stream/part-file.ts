import { open, readFile, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { DownloadError } from '../errors.ts';

/** What must still hold for a part to be gone on with. */
export interface PartState {
  readonly url: string;
  /** A strong ETag, or a Last-Modified that is as good: what If-Range may carry (RFC 9110 §13.1.5). */
  readonly validator: string;
  /** Of the whole; null where the server did not say. */
  readonly totalBytes: number | null;
}

/** `<path>.part`, into which a download goes until it is whole, and beside it `<path>.part.json`, where it came from. */
export class PartFile {
  readonly path: string;
  readonly partPath: string;
  readonly #statePath: string;
  #file: FileHandle | null = null;
  #hasState = false;
  /** Whether the part is of this download, and not one that another left behind. */
  #isOurs = false;

  constructor(path: string) {
    this.path = path;
    this.partPath = `${path}.part`;
    this.#statePath = `${path}.part.json`;
  }

  /** What an earlier download of `url` left behind; null when there is nothing that can be trusted. */
  async left(url: string): Promise<(PartState & { readonly sizeBytes: number }) | null> {
    const [size, text] = await Promise.all([
      stat(this.partPath).then(({ size: bytes }) => bytes, absent),
      readFile(this.#statePath, 'utf8').catch(absent),
    ]);
    if (size === null || size === 0 || text === null) return null;
    const state = parseState(text);
    if (state === null || state.url !== url) return null;
    this.#hasState = true;
    return { ...state, sizeBytes: size };
  }

  async exists(): Promise<boolean> {
    return (await stat(this.path).catch(absent)) !== null;
  }

  /** Opens the part at its end, or anew; `state` null for one that cannot be gone on with. */
  async open(isAppending: boolean, state: PartState | null): Promise<void> {
    await this.#guard(async () => {
      this.#isOurs = true;
      this.#file = await open(this.partPath, isAppending ? 'a' : 'w');
      this.#hasState = state !== null;
      if (state === null) await rm(this.#statePath, { force: true });
      else await writeFile(this.#statePath, JSON.stringify(state));
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#guard(async () => {
      for (let start = 0; start < bytes.length;) {
        const { bytesWritten } = await this.#file!.write(bytes, start);
        start += bytesWritten;
      }
    });
  }

  /** The part is whole: it takes its name. */
  async finish(): Promise<void> {
    await this.#guard(async () => {
      await this.#file?.sync();
      await this.#close();
      await rename(this.partPath, this.path);
      await rm(this.#statePath, { force: true });
    });
  }

  /** Keeps what can be gone on with, and nothing else. */
  async abandon(): Promise<void> {
    await this.#close();
    if (!this.#isOurs) return;
    const isEmpty = (await stat(this.partPath).then(({ size }) => size, absent)) === 0;
    if (!this.#hasState || isEmpty) await this.discard();
  }

  async discard(): Promise<void> {
    await this.#close();
    await rm(this.partPath, { force: true });
    await rm(this.#statePath, { force: true });
    this.#hasState = false;
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new DownloadError({
        code: 'FILE_FAILED',
        phase: 'file',
        problem: 'Download not kept',
        reason: `${this.path} cannot be written`,
        remedy: 'See the cause; check the folder, its permissions and the room on the disk',
        cause: error,
      });
    }
  }
}

/** Null for a file that is not there; any other trouble shows when it is written. */
function absent(): null {
  return null;
}

function parseState(text: string): PartState | null {
  let state: Partial<Record<keyof PartState, unknown>> | null;
  try {
    state = JSON.parse(text) as typeof state;
  } catch {
    // Torn by a crash: the download starts anew.
    return null;
  }
  if (typeof state !== 'object' || state === null) return null;
  const { url, validator, totalBytes } = state;
  const isTotal = totalBytes === null || Number.isSafeInteger(totalBytes);
  if (typeof url !== 'string' || typeof validator !== 'string' || !isTotal) return null;
  return { url, validator, totalBytes: totalBytes as number | null };
}
