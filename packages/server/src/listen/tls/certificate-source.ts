import { watch, type FSWatcher } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createSecureContext } from 'node:tls';
import { CertificateError } from '../../errors.ts';
import { checkNames } from '../check-names.ts';
import {
  TLS_OPTIONS,
  type CertificateFiles,
  type CertificateText,
  type TlsContext,
  type TlsOptions,
} from './tls-options.ts';

/** Editors and renewals write two files in several steps: what is seen in between is nobody's fault. */
const SETTLE_MS = 200;
const SECOND_LOOK_MS = 1_000;

export interface CertificateSource {
  readonly context: TlsContext;
  /** Calls `apply` with each certificate that takes the place of the one before, and `report` for files that are no good. */
  follow(apply: (context: TlsContext) => void, report: (error: Error) => void): void;
  close(): void;
}

/** Reads and checks a certificate; rejects with a CertificateError when it is no good. */
export async function openCertificate(options: TlsOptions): Promise<CertificateSource> {
  checkNames('tls', options, TLS_OPTIONS);
  if (!('certFile' in options)) {
    check(options, 'tls');
    return { context: options, follow: () => undefined, close: () => undefined };
  }
  const { certFile: _cert, keyFile: _key, reload, ...policy } = options;
  let current = { ...policy, ...(await readPair(options)) };
  let stop = (): void => undefined;
  return {
    get context() {
      return current;
    },
    follow(apply, report) {
      const renew = async (): Promise<void> => {
        const pair = await readPair(options);
        if (pair.cert === current.cert && pair.key === current.key) return;
        current = { ...policy, ...pair };
        apply(current);
      };
      if (reload === 'watch') stop = watchFiles(options, renew, report);
      if (reload === 'signal') stop = onHangUp(renew, report);
    },
    close: () => stop(),
  };
}

async function readPair(files: CertificateFiles): Promise<CertificateText> {
  const where = `${files.certFile}, ${files.keyFile}`;
  let pair: CertificateText;
  try {
    const [cert, key] = await Promise.all(
      [files.certFile, files.keyFile].map((file) => readFile(file, 'utf8')),
    );
    pair = { cert: cert!, key: key! };
  } catch (cause) {
    throw new CertificateError((cause as Error).message, where, cause);
  }
  check(pair, where);
  return pair;
}

/** Throws for text that is no certificate, and for a key that belongs to another one. */
function check(pair: CertificateText, where: string): void {
  try {
    if (!pair.cert || !pair.key) throw new Error('the certificate or its key is missing');
    createSecureContext({ cert: pair.cert, key: pair.key });
  } catch (cause) {
    throw new CertificateError((cause as Error).message, where, cause);
  }
}

function onHangUp(renew: () => Promise<void>, report: (error: Error) => void): () => void {
  const listener = (): void => void renew().catch(report);
  process.on('SIGHUP', listener);
  return () => process.off('SIGHUP', listener);
}

/** Watches folders: files are replaced by renaming, and a link may come to lead elsewhere. */
function watchFiles(
  { certFile, keyFile }: CertificateFiles,
  renew: () => Promise<void>,
  report: (error: Error) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const lookAgain = (delayMs: number, onFailure: (error: Error) => void): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void renew().catch(onFailure), delayMs);
    timer.unref();
  };
  const changed = (): void =>
    lookAgain(SETTLE_MS, () => lookAgain(SECOND_LOOK_MS, (error) => report(error)));
  const folders = new Set([dirname(certFile), dirname(keyFile)]);
  const watchers: FSWatcher[] = [];
  for (const folder of folders) {
    const watcher = watch(folder, { persistent: false }, changed);
    watcher.on('error', (error) => report(error));
    watchers.push(watcher);
  }
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
