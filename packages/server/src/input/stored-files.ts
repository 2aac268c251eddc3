import { createReadStream } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PartHead } from './multipart-head.ts';

/** A file of a form that was written to disk. */
export class StoredFile {
  /** Of the field it was sent in. */
  readonly name: string;
  /** As the client named it, without folders; never part of `path`. */
  readonly filename: string;
  /** What the client says it is; `''` when it says nothing. */
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly path: string;

  constructor(head: PartHead, path: string, sizeBytes: number) {
    this.name = head.name;
    this.filename = head.filename ?? '';
    this.contentType = head.contentType;
    this.path = path;
    this.sizeBytes = sizeBytes;
  }

  bytes(): Promise<Buffer> {
    return readFile(this.path);
  }

  stream(): AsyncIterable<Buffer> {
    return createReadStream(this.path);
  }
}

/** Files of one request, in a folder that only this user can read, made when the first one is. */
export class StoredFiles {
  readonly #parent: string;
  #folder: Promise<string> | null = null;
  #count = 0;

  constructor(parent: string = tmpdir()) {
    this.#parent = parent;
  }

  /** Writes a file to a place of its own, or to `path`, where nothing may be yet. What fails leaves no file behind. */
  async write(head: PartHead, content: AsyncIterable<Buffer>, path?: string): Promise<StoredFile> {
    const place = path ?? (await this.#nextPlace());
    const file = await open(place, 'wx', 0o600);
    let sizeBytes = 0;
    try {
      for await (const piece of content) {
        await file.writeFile(piece);
        sizeBytes += piece.length;
      }
    } catch (error) {
      await file.close();
      await rm(place, { force: true });
      throw error;
    }
    await file.close();
    return new StoredFile(head, place, sizeBytes);
  }

  /** Removes the folder, and what is still in it. */
  async remove(): Promise<void> {
    const folder = this.#folder;
    this.#folder = null;
    if (folder !== null) await rm(await folder, { recursive: true, force: true });
  }

  async #nextPlace(): Promise<string> {
    this.#folder ??= mkdtemp(join(this.#parent, 'needletail-upload-'));
    const folder = await this.#folder;
    this.#count += 1;
    return join(folder, `${this.#count}`);
  }
}
