import { BadInputError, limitError } from './bad-input.ts';
import { BareRecord } from './bare-record.ts';
import { essenceOf, parameterOf } from './media-type.ts';
import { parsePartHead, type PartHead } from './multipart-head.ts';
import {
  FilePart,
  PartGoneError,
  type FieldPart,
  type Part,
  type PartContent,
} from './multipart-part.ts';
import { malformed, MultipartScanner } from './multipart-scanner.ts';
import { decodeText, readPieces, type BodyOptions, type BodyRequest } from './read-body.ts';
import { StoredFiles, type StoredFile } from './stored-files.ts';

/** How much may be in a form; beyond is refused while it comes, and never cut off. */
export interface MultipartLimits {
  /** 1,000 unless set. */
  readonly parts: number;
  /** 1,000 unless set. */
  readonly fields: number;
  /** 20 unless set. */
  readonly files: number;
  /** Of one field; 1 MiB unless set. */
  readonly fieldBytes: number;
  /** Of one file; no more than the whole body unless set. */
  readonly fileBytes: number;
  /** Of the head of one part; 8 KiB unless set. */
  readonly headBytes: number;
  /** Of the name of one part, in characters; 200 unless set. */
  readonly nameLength: number;
}

/** `maxBytes` is the whole body; 64 MiB unless set. */
export interface MultipartOptions extends BodyOptions {
  readonly limits?: Partial<MultipartLimits>;
  /** Where the folder for temporary files is made; that of the system unless set. */
  readonly tempFolder?: string;
}

const DEFAULT_LIMITS: MultipartLimits = {
  parts: 1000,
  fields: 1000,
  files: 20,
  fieldBytes: 1024 * 1024,
  fileBytes: Infinity,
  headBytes: 8 * 1024,
  nameLength: 200,
};
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
/** RFC 2046 §5.1.1. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

/**
 * The parts of a multipart/form-data body, in order, each read before the next is asked for: `for await (const part of form)`.
 * Throws BadInputError: 415 for other types, 400 for a malformed boundary. The iteration rejects with BadInputError (400, 413)
 * and with what ended the body; then temporary files are gone. Otherwise they stay until `dispose`.
 */
export function readMultipart(
  request: BodyRequest,
  options: MultipartOptions = {},
): MultipartReader {
  return new MultipartReader(request, boundaryOf(request), options);
}

function boundaryOf(request: BodyRequest): string {
  const contentType = request.headers.get('content-type');
  if (contentType === null || essenceOf(contentType) !== 'multipart/form-data') {
    const detail = 'The body must be a form, with Content-Type: multipart/form-data.';
    const headers = { Accept: 'multipart/form-data' };
    throw new BadInputError(415, 'UNSUPPORTED_MEDIA_TYPE', detail, { headers });
  }
  const boundary = parameterOf(contentType, 'boundary');
  if (boundary !== null && BOUNDARY.test(boundary)) return boundary;
  throw malformed('Its Content-Type names no valid boundary.');
}

/** Of one name: text, a file in memory or on disk, or all of several in order. */
export type FormValue = string | File | StoredFile;

export class MultipartReader implements AsyncIterable<Part>, AsyncDisposable {
  readonly #request: BodyRequest;
  readonly #boundary: string;
  readonly #options: MultipartOptions;
  readonly #limits: MultipartLimits;
  readonly #files: StoredFiles;
  #current: FilePart | null = null;
  #failure: { readonly error: unknown } | null = null;
  #partCount = 0;
  #fieldCount = 0;
  #fileCount = 0;

  constructor(request: BodyRequest, boundary: string, options: MultipartOptions) {
    this.#request = request;
    this.#boundary = boundary;
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#files = new StoredFiles(options.tempFolder);
  }

  /** Once: a second iteration rejects with BodyUsedError. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Part, void> {
    const scanner = this.#scan();
    try {
      for (let part = await this.#next(scanner); part !== null; part = await this.#next(scanner)) {
        yield part;
      }
    } finally {
      this.#current?.forget();
      await scanner.close();
      if (this.#failure !== null) await this.dispose();
    }
  }

  /** All parts by name, in the shape of a query. File inputs in which nothing was chosen are left out. */
  async collect(
    files: 'memory' | 'disk' = 'memory',
  ): Promise<Record<string, FormValue | FormValue[]>> {
    const values = new BareRecord<FormValue | FormValue[]>();
    for await (const part of this) {
      if (part.kind === 'field') {
        append(values, part.name, part.value);
        continue;
      }
      const file = files === 'memory' ? await part.file() : await part.save();
      const size = 'size' in file ? file.size : file.sizeBytes;
      if (size > 0 || part.filename !== '') append(values, part.name, file);
    }
    return values;
  }

  /** Removes the temporary files. */
  dispose(): Promise<void> {
    return this.#files.remove();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #scan(): MultipartScanner {
    const maxBytes = this.#options.maxBytes ?? DEFAULT_MAX_BYTES;
    const pieces = readPieces(this.#request, { ...this.#options, maxBytes });
    const { headBytes } = this.#limits;
    return new MultipartScanner(pieces, this.#boundary, { totalBytes: maxBytes, headBytes });
  }

  async #next(scanner: MultipartScanner): Promise<Part | null> {
    this.#current?.forget();
    this.#current = null;
    // Of a content that failed while the handler read it, and went on all the same.
    if (this.#failure !== null) throw this.#failure.error;
    return this.#guard(async () => {
      const bytes = await scanner.nextHead();
      if (bytes === null) return null;
      const { parts, nameLength } = this.#limits;
      this.#partCount = counted(this.#partCount, parts, 'parts');
      const head = parsePartHead(bytes, nameLength);
      return head.filename === null ? this.#readField(scanner, head) : this.#file(scanner, head);
    });
  }

  async #readField(scanner: MultipartScanner, head: PartHead): Promise<FieldPart> {
    const { fields, fieldBytes } = this.#limits;
    this.#fieldCount = counted(this.#fieldCount, fields, 'fields');
    const read = sized(scanner, fieldBytes, 'field');
    const pieces: Buffer[] = [];
    for (let piece = await read(); piece !== null; piece = await read()) pieces.push(piece);
    const value = decodeText(Buffer.concat(pieces), head.contentType);
    return { kind: 'field', name: head.name, value, contentType: head.contentType };
  }

  #file(scanner: MultipartScanner, head: PartHead): FilePart {
    const { files, fileBytes } = this.#limits;
    this.#fileCount = counted(this.#fileCount, files, 'files');
    const read = sized(scanner, fileBytes, 'file');
    const part: FilePart = new FilePart(
      head,
      () => {
        if (this.#current !== part) throw new PartGoneError(head.name);
        return this.#guard(read);
      },
      this.#files,
    );
    this.#current = part;
    return part;
  }

  async #guard<Result>(act: () => Promise<Result>): Promise<Result> {
    try {
      return await act();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}

function counted(count: number, maximum: number, what: string): number {
  if (count === maximum) throw limitError(`${what} in the form`, maximum);
  return count + 1;
}

/** The content of the current part, up to a limit. */
function sized(scanner: MultipartScanner, maxBytes: number, what: string): PartContent {
  let sizeBytes = 0;
  return async () => {
    const piece = await scanner.nextContent();
    sizeBytes += piece?.length ?? 0;
    if (sizeBytes > maxBytes) throw limitError(`bytes in a ${what}`, maxBytes, 413);
    return piece;
  };
}

function append<Value>(values: Record<string, Value | Value[]>, name: string, value: Value): void {
  const seen = values[name];
  if (seen === undefined) values[name] = value;
  else if (Array.isArray(seen)) seen.push(value);
  else values[name] = [seen, value];
}
