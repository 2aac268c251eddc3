import { ServerError } from '../errors.ts';
import type { PartHead } from './multipart-head.ts';
import type { StoredFile, StoredFiles } from './stored-files.ts';

/** A part that is text. */
export interface FieldPart {
  readonly kind: 'field';
  readonly name: string;
  readonly value: string;
  readonly contentType: string;
}

/** Where the content of a part comes from: the reader, as long as the part is the current one. */
export type PartContent = () => Promise<Buffer | null>;

/** A part that is a file, to be read in one way before the next part is asked for; what is not read is dropped. */
export class FilePart {
  readonly kind = 'file';
  readonly name: string;
  /** As the client named it, without folders; empty when none was chosen. */
  readonly filename: string;
  /** What the client says it is, not what the content is; `''` when it says nothing. */
  readonly contentType: string;
  readonly #head: PartHead;
  readonly #files: StoredFiles;
  #content: PartContent | null;

  constructor(head: PartHead, content: PartContent, files: StoredFiles) {
    this.name = head.name;
    this.filename = head.filename ?? '';
    this.contentType = head.contentType;
    this.#head = head;
    this.#content = content;
    this.#files = files;
  }

  /** The content as it comes; the client is held back while nobody reads. */
  stream(): AsyncIterable<Buffer> {
    const content = this.#content;
    if (content === null) throw new PartGoneError(this.name);
    this.#content = null;
    return piecesOf(content);
  }

  async bytes(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.stream()) pieces.push(piece);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  /** A web-standard `File` in memory. */
  async file(): Promise<File> {
    const pieces: Buffer[] = [];
    for await (const piece of this.stream()) pieces.push(piece);
    return new File(pieces, this.filename, { type: this.contentType });
  }

  /**
   * Written to a temporary file, removed with the others of the form; or to `path`, which is yours, and where nothing may be yet.
   */
  save(path?: string): Promise<StoredFile> {
    return this.#files.write(this.#head, this.stream(), path);
  }

  /** For the reader: the next part was asked for. */
  forget(): void {
    this.#content = null;
  }
}

export type Part = FieldPart | FilePart;

/** The content of a part was read before, or dropped when the next part was asked for. */
export class PartGoneError extends ServerError {
  override readonly name = 'PartGoneError';

  constructor(part: string) {
    super({
      code: 'PART_GONE',
      problem: 'Part not read',
      reason: 'its content was read before, or was dropped for the next part',
      where: `part ${JSON.stringify(part)}`,
      remedy: 'Read each part once, within the turn of the loop that it comes in',
    });
  }
}

async function* piecesOf(content: PartContent): AsyncGenerator<Buffer, void> {
  for (let piece = await content(); piece !== null; piece = await content()) yield piece;
}
