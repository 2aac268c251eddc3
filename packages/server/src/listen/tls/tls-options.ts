import type { Names } from '../check-names.ts';

/** A certificate chain and its key, in PEM. */
export interface CertificateText {
  readonly cert: string;
  readonly key: string;
}

/** A certificate chain and its key, in files that hold PEM. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /**
   * When to read them again: `watch` soon after they change, `signal` when the process gets SIGHUP. Connections from then on get
   * the new certificate, open ones keep theirs; files that are no good are reported, and the old certificate stays.
   */
  readonly reload?: 'watch' | 'signal';
}

/** Who may connect, and how. */
export interface TlsPolicy {
  /** TLS 1.2 unless set. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** PEM of the authorities that sign certificates of clients. */
  readonly ca?: string;
  /** Refuses clients without a certificate that `ca` signed; at the handshake, so that they get no answer. */
  readonly requestCert?: boolean;
}

export type TlsOptions = (CertificateText | CertificateFiles) & TlsPolicy;

/** What is given to the runtime. */
export type TlsContext = CertificateText & TlsPolicy;

export const TLS_OPTIONS: Names<CertificateText & CertificateFiles & TlsPolicy> = {
  cert: true,
  key: true,
  certFile: true,
  keyFile: true,
  reload: true,
  minVersion: true,
  ca: true,
  requestCert: true,
};
