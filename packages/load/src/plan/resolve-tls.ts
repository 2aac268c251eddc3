import { PlanError } from './errors.ts';
import { conflict } from './merge-load.ts';
import type { PlanFiles } from './plan-files.ts';
import { FLAG_LABEL, type PlanFlags } from './plan-flags.ts';
import type { PlanInput } from './plan-input.ts';
import type { TlsPlan } from './plan.ts';

/** Adds the authorities to trust, read from their file, to the other settings of TLS. */
export async function resolveTls(
  settings: Omit<TlsPlan, 'ca'>,
  input: PlanInput,
  flags: PlanFlags,
  files: PlanFiles,
): Promise<TlsPlan> {
  const tls = { ...settings, ca: await resolveCa(input, flags, files) };
  if (!tls.insecure || tls.ca === null) return tls;
  throw conflict(
    FLAG_LABEL.insecure,
    FLAG_LABEL.ca,
    'a run that accepts any certificate needs no authority',
  );
}

async function resolveCa(
  { data, at }: PlanInput,
  flags: PlanFlags,
  files: PlanFiles,
): Promise<string | null> {
  const { ca } = data;
  if (flags.ca !== undefined) {
    return pemText(await files.readFromCwd(flags.ca, FLAG_LABEL.ca), FLAG_LABEL.ca);
  }
  if (ca === undefined) return null;
  return at(['ca'], async (label) =>
    pemText(ca.includes('-----BEGIN') ? Buffer.from(ca) : await files.read(ca, label), label),
  );
}

function pemText(bytes: Uint8Array, where: string): string {
  const text = new TextDecoder().decode(bytes);
  if (/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(text)) return text;
  throw new PlanError({
    code: 'PLAN_FILE',
    problem: 'Not a certificate',
    cause: 'there is no BEGIN CERTIFICATE line',
    where,
    remedy: 'Give a PEM file.',
  });
}
