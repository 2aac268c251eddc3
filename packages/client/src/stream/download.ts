import { DownloadError } from '../errors.ts';
import type { RequestOptions } from '../model/client-options.ts';
import type { TransferProgress } from '../model/client-request.ts';
import { invalidOption } from '../model/invalid-option.ts';
import { IntegrityCheck } from './integrity.ts';
import { PartFile, type PartState } from './part-file.ts';
import { contentRange, isEncoded, plainLength, strongValidator } from './range-fields.ts';
import { withFields, type StreamClient, type StreamedResponse } from './stream-client.ts';

/** Every other option of a request holds as well. */
export interface DownloadOptions extends RequestOptions {
  /** Goes on with what an earlier download of the same URL left behind, if it is still the same; true unless set. */
  readonly resume?: boolean;
  /** Replaces a file of that name; false unless set. */
  readonly overwrite?: boolean;
  /** What the file must be: `sha256-…` in base64, as in HTML (SRI); sha384 and sha512 too. */
  readonly integrity?: string;
  /** The same as a SHA-256 in hexadecimal. */
  readonly sha256?: string;
  /** Called as bytes are written; those of an earlier download count too. */
  readonly onProgress?: (progress: TransferProgress) => void;
}

export interface DownloadResult {
  readonly path: string;
  readonly sizeBytes: number;
  /** Taken over from an earlier download; 0 when all of it came now. */
  readonly resumedBytes: number;
  /** After redirects. */
  readonly url: string;
}

/**
 * Gets a file without holding it in memory. The bytes go to `<path>.part`, which takes its name when it is whole, as long
 * as it should be and, where that was asked for, has the right digest; one with the wrong digest is removed. What breaks
 * off is kept only if the server can be asked for the rest (Range with If-Range, RFC 9110 §13.1.5 and §14), and is gone on
 * with by the next call.
 *
 * Throws DownloadError, and what the request throws.
 */
export async function download(
  client: StreamClient,
  url: string | URL,
  path: string,
  options: DownloadOptions = {},
): Promise<DownloadResult> {
  const { resume = true, overwrite = false, integrity, sha256, onProgress, ...request } = options;
  if (integrity !== undefined && sha256 !== undefined) {
    throw invalidOption('sha256', sha256, 'is given beside integrity', 'Give one of the two');
  }
  // Made only to have a wrong one refused before anything is sent.
  checkOf(integrity, sha256);
  const part = new PartFile(path);
  if (!overwrite && (await part.exists())) throw fileExists(path);
  const transfer = new Download(client, String(url), part, request, {
    onProgress,
    newCheck: () => checkOf(integrity, sha256),
  });
  try {
    return await transfer.run(resume);
  } catch (error) {
    await part.abandon();
    throw error;
  }
}

interface DownloadHooks {
  readonly onProgress: DownloadOptions['onProgress'];
  readonly newCheck: () => IntegrityCheck | null;
}

class Download {
  readonly #client: StreamClient;
  readonly #url: string;
  readonly #part: PartFile;
  readonly #request: RequestOptions;
  readonly #hooks: DownloadHooks;

  constructor(
    client: StreamClient,
    url: string,
    part: PartFile,
    request: RequestOptions,
    hooks: DownloadHooks,
  ) {
    this.#client = client;
    this.#url = url;
    this.#part = part;
    this.#request = request;
    this.#hooks = hooks;
  }

  async run(resume: boolean): Promise<DownloadResult> {
    const left = resume ? await this.#part.left(this.#url) : null;
    if (left === null) return this.#whole(await this.#ask({}));
    const { sizeBytes, validator, totalBytes } = left;
    const response = await this.#ask({ range: `bytes=${sizeBytes}-`, 'if-range': validator });
    const range = contentRange(response.headers);
    if (response.status === 206 && !isEncoded(response.headers)) {
      const isRest =
        range?.startBytes === sizeBytes &&
        (totalBytes === null || range.totalBytes === null || range.totalBytes === totalBytes);
      if (isRest) return this.#rest(response, sizeBytes, range.totalBytes ?? totalBytes, left);
    } else if (response.status === 416) {
      // Nothing is missing: the earlier download broke off after its last byte.
      if (range?.totalBytes === sizeBytes && totalBytes === sizeBytes) {
        response.close();
        return this.#settle(response.url, sizeBytes, sizeBytes, await this.#checkOfPart());
      }
    } else if (response.status !== 206) {
      return this.#whole(response);
    }
    response.close();
    await this.#part.discard();
    return this.#whole(await this.#ask({}));
  }

  #ask(fields: Readonly<Record<string, string>>): Promise<StreamedResponse> {
    return this.#client.stream('GET', this.#url, {
      ...this.#request,
      headers: withFields(this.#request.headers, { 'accept-encoding': 'identity', ...fields }),
    });
  }

  /** The file from its start. What an earlier download left stays until there is something to replace it. */
  async #whole(response: StreamedResponse): Promise<DownloadResult> {
    if (response.status !== 200) {
      response.close();
      throw refused(response);
    }
    const { headers } = response;
    const totalBytes = plainLength(headers);
    const validator = isEncoded(headers) ? null : strongValidator(headers);
    const hasRanges = headers.get('accept-ranges')?.toLowerCase() !== 'none';
    const isResumable = validator !== null && hasRanges;
    const state = isResumable ? { url: this.#url, validator, totalBytes } : null;
    await this.#open(response, false, state);
    return this.#receive(response, 0, totalBytes, this.#hooks.newCheck());
  }

  async #rest(
    response: StreamedResponse,
    doneBytes: number,
    totalBytes: number | null,
    { url, validator }: PartState,
  ): Promise<DownloadResult> {
    const check = await this.#checkOfPart();
    await this.#open(response, true, { url, validator, totalBytes });
    return this.#receive(response, doneBytes, totalBytes, check);
  }

  async #open(
    response: StreamedResponse,
    isAppending: boolean,
    state: PartState | null,
  ): Promise<void> {
    try {
      await this.#part.open(isAppending, state);
    } catch (error) {
      response.close();
      throw error;
    }
  }

  async #receive(
    response: StreamedResponse,
    resumedBytes: number,
    totalBytes: number | null,
    check: IntegrityCheck | null,
  ): Promise<DownloadResult> {
    let transferredBytes = resumedBytes;
    for await (const bytes of response) {
      await this.#part.write(bytes);
      check?.add(bytes);
      transferredBytes += bytes.length;
      this.#hooks.onProgress?.({ transferredBytes, totalBytes });
    }
    if (totalBytes !== null && transferredBytes !== totalBytes) {
      await this.#part.discard();
      throw wrongSize(response.url, transferredBytes, totalBytes);
    }
    return this.#settle(response.url, transferredBytes, resumedBytes, check);
  }

  async #settle(
    url: string,
    sizeBytes: number,
    resumedBytes: number,
    check: IntegrityCheck | null,
  ): Promise<DownloadResult> {
    const mismatch = check?.mismatch() ?? null;
    if (mismatch !== null) {
      await this.#part.discard();
      throw wrongDigest(url, mismatch);
    }
    await this.#part.finish();
    return { path: this.#part.path, sizeBytes, resumedBytes, url };
  }

  async #checkOfPart(): Promise<IntegrityCheck | null> {
    const check = this.#hooks.newCheck();
    await check?.addFile(this.#part.partPath);
    return check;
  }
}

function checkOf(integrity?: string, sha256?: string): IntegrityCheck | null {
  if (integrity !== undefined) return IntegrityCheck.of(integrity);
  return sha256 === undefined ? null : IntegrityCheck.ofSha256(sha256);
}

function fileExists(path: string): DownloadError {
  return new DownloadError({
    code: 'FILE_EXISTS',
    phase: 'file',
    problem: 'Download not begun',
    reason: `${path} exists`,
    remedy: 'Give another path, or overwrite: true',
  });
}

function refused({ status, url }: StreamedResponse): DownloadError {
  return new DownloadError({
    code: 'DOWNLOAD_STATUS',
    phase: 'head',
    problem: 'Download refused',
    reason: `the answer is ${status}`,
    remedy: 'Check the URL and the credentials',
    method: 'GET',
    url,
  });
}

function wrongSize(url: string, actualBytes: number, expectedBytes: number): DownloadError {
  return new DownloadError({
    code: 'SIZE_MISMATCH',
    phase: 'body',
    problem: 'Download not whole',
    reason: `${actualBytes} bytes came, ${expectedBytes} were announced`,
    remedy: 'Try again; what came was removed',
    url,
  });
}

function wrongDigest(url: string, reason: string): DownloadError {
  return new DownloadError({
    code: 'INTEGRITY_MISMATCH',
    phase: 'body',
    problem: 'Download is not what was promised',
    reason,
    remedy: 'Check the digest and where it came from; the file was removed',
    url,
  });
}
