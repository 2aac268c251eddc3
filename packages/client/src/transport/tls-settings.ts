import { createSecureContext } from 'node:tls';
import type { SessionCache, TlsSettings } from '@needletail/wire';
import { InvalidRequestError } from '../errors.ts';
import type { TlsOptions } from '../model/client-options.ts';

/** What is asked for besides what the user chose. */
export interface TlsPurpose {
  /** The host of the URL; `servername` of the options goes before it. */
  readonly hostname: string;
  readonly alpn: readonly string[];
  readonly session: SessionCache;
}

/** The settings of one TLS peer. */
export function tlsSettingsFor(options: TlsOptions, purpose: TlsPurpose): TlsSettings {
  const { ca, cert, key, passphrase } = options;
  return {
    servername: options.servername ?? purpose.hostname,
    insecure: options.insecure ?? false,
    alpn: purpose.alpn,
    session: purpose.session,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

/**
 * Throws InvalidRequestError (INVALID_OPTION) for certificates and keys that cannot be read or do not belong together, at
 * the time they are given and not at the first request. `name` is that of the option.
 */
export function checkTlsOptions(options: TlsOptions, name: string): void {
  const { ca, cert, key, passphrase } = options;
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    throw invalid(name, `${given} is there without ${missing}`, 'Give both, in PEM');
  }
  if (ca !== undefined && !ca.includes('-----BEGIN ')) {
    // Node takes it for no certificates at all, and then nobody is trusted.
    throw invalid(name, 'ca holds no certificate', 'Give certificates in PEM');
  }
  if (ca === undefined && cert === undefined) return;
  try {
    createSecureContext({ ca, cert, key, passphrase });
  } catch (cause) {
    const { reason, message } = cause as { reason?: string; message: string };
    throw invalid(
      name,
      `its certificates or key were refused, ${reason ?? message}`,
      'Give PEM texts, a key that belongs to the certificate, and its passphrase if it has one',
      cause,
    );
  }
}

function invalid(
  name: string,
  reason: string,
  remedy: string,
  cause?: unknown,
): InvalidRequestError {
  return new InvalidRequestError({
    code: 'INVALID_OPTION',
    phase: 'build',
    problem: `Cannot use the option ${name}`,
    reason,
    remedy,
    cause,
  });
}
