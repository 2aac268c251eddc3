// Servers that cannot prove who they are.
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { TlsError } from '../errors.ts';
import type { BadCase, Style } from './bad-case.fixture.ts';

const EVERY: readonly Style[] = ['request', 'stream', 'gather', 'raw'];
const good = selfSignedCertificate();
const expired = selfSignedCertificate({ startedDaysAgo: 10, expiresInDays: -1 });
const early = selfSignedCertificate({ startedDaysAgo: -1, expiresInDays: 10 });
const elsewhere = selfSignedCertificate({ names: ['elsewhere.example'] });

const CASES = [
  ['that nobody trusts', good, undefined],
  ['that has expired', expired, expired.cert],
  ['that is not valid yet', early, early.cert],
  ['for another name', elsewhere, elsewhere.cert],
] as const;

export const CERTIFICATES: readonly BadCase[] = [
  ...CASES.map(([name, tls, ca]) => ({
    name: `a certificate ${name}`,
    server: { tls },
    client: ca === undefined ? {} : { tls: { ca } },
    styles: EVERY,
    endsClient: true,
    error: {
      type: TlsError,
      code: 'TLS_CERT',
      phase: 'tls' as const,
      hasCause: true,
      says: /certificate|host name|trusted|signed|valid/i,
    },
  })),
  {
    name: 'a port that speaks no TLS',
    server: {
      onConnect: (socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      tls: good,
    },
    styles: EVERY,
    endsClient: true,
    error: { type: TlsError, code: 'TLS_HANDSHAKE', phase: 'tls', hasCause: true },
  },
];
