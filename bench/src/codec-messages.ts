/** Messages of one kind, as a read delivers them: whole. Several variants defeat a cache of the last head. */
export interface BenchMessages {
  readonly name: string;
  readonly variants: readonly Buffer[];
}

const DATE = 'Date: Sat, 21 Nov 2026 04:00:00 GMT';

const NGINX = [
  'HTTP/1.1 200 OK',
  'Server: nginx/1.24.0',
  DATE,
  'Content-Type: application/json',
  'Content-Length: 17',
  'Connection: keep-alive',
];

const API = [
  'HTTP/1.1 200 OK',
  DATE,
  'Content-Type: application/json; charset=utf-8',
  'Content-Length: 17',
  'Connection: keep-alive',
  'Cache-Control: private, max-age=0, must-revalidate',
  'ETag: W/"11-kSr1yM6D3pqZ8tBMZ1x0W6c6C0o"',
  'Vary: Accept-Encoding, Origin',
  'Strict-Transport-Security: max-age=31536000; includeSubDomains',
  'X-Content-Type-Options: nosniff',
  'X-Frame-Options: SAMEORIGIN',
  'X-Request-Id: 00000000-0000-4000-8000-000000000000',
  'Set-Cookie: session=0123456789abcdef0123456789abcdef; Path=/; HttpOnly; Secure; SameSite=Lax',
];

const CHUNKED = ['HTTP/1.1 200 OK', DATE, 'Transfer-Encoding: chunked'];

const BODY = '{"hello":"world"}';
const CHUNKS = `${'40\r\n'.concat('x'.repeat(64), '\r\n').repeat(8)}0\r\n\r\n`;
const VARIANTS = 16;

export const BENCH_MESSAGES: readonly BenchMessages[] = [
  { name: 'nginx, 154 B head + 17 B', variants: [message(NGINX, BODY)] },
  { name: 'nginx, every head another', variants: differing(NGINX, BODY) },
  { name: 'API, 544 B head + 17 B', variants: [message(API, BODY)] },
  { name: 'API, every head another', variants: differing(API, BODY) },
  { name: '8 chunks of 64 B', variants: [message(CHUNKED, CHUNKS)] },
];

function message(lines: readonly string[], body: string): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

/** Heads of one length that differ in the seconds of their date. */
function differing(lines: readonly string[], body: string): readonly Buffer[] {
  return Array.from({ length: VARIANTS }, (_, second) => {
    const date = DATE.replace(':00 GMT', `:${String(second).padStart(2, '0')} GMT`);
    return message(
      lines.map((line) => (line === DATE ? date : line)),
      body,
    );
  });
}
