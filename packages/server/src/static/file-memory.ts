import { readWhole } from './file-pieces.ts';
import type { FoundFile } from './found-file.ts';

/** Contents of small files, those that were asked for last, up to a number of bytes. */
export class FileMemory {
  readonly #maxBytes: number;
  readonly #maxFileBytes: number;
  /** In the order of their last use. */
  readonly #files = new Map<string, { readonly file: FoundFile; readonly bytes: Buffer }>();
  readonly #reading = new Map<string, Promise<Buffer>>();
  #sizeBytes = 0;

  constructor(maxBytes: number, maxFileBytes: number) {
    this.#maxBytes = maxBytes;
    this.#maxFileBytes = Math.min(maxFileBytes, maxBytes);
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The content of `file`, or null for one that is too large. Rejects when it has changed meanwhile. */
  bytesOf(file: FoundFile): Buffer | Promise<Buffer> | null {
    if (file.sizeBytes > this.#maxFileBytes) return null;
    const known = this.#files.get(file.path);
    if (known !== undefined) {
      this.#drop(file.path);
      if (isSame(known.file, file)) {
        this.#keep(file, known.bytes);
        return known.bytes;
      }
    }
    return this.#read(file);
  }

  /** Many that ask at once wait for one reading. */
  #read(file: FoundFile): Promise<Buffer> {
    const key = `${file.path}\0${file.modifiedNs}\0${file.sizeBytes}`;
    let reading = this.#reading.get(key);
    if (reading === undefined) {
      reading = readWhole(file)
        .then((bytes) => {
          this.#drop(file.path);
          this.#keep(file, bytes);
          return bytes;
        })
        .finally(() => this.#reading.delete(key));
      this.#reading.set(key, reading);
    }
    return reading;
  }

  #keep(file: FoundFile, bytes: Buffer): void {
    this.#files.set(file.path, { file, bytes });
    this.#sizeBytes += bytes.length;
    for (const path of this.#files.keys()) {
      if (this.#sizeBytes <= this.#maxBytes) return;
      this.#drop(path);
    }
  }

  #drop(path: string): void {
    const known = this.#files.get(path);
    if (known === undefined) return;
    this.#files.delete(path);
    this.#sizeBytes -= known.bytes.length;
  }
}

function isSame(one: FoundFile, other: FoundFile): boolean {
  return (
    one.modifiedNs === other.modifiedNs &&
    one.sizeBytes === other.sizeBytes &&
    one.inode === other.inode
  );
}
