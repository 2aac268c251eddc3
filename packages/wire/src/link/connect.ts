import { Dialer, type DialerOptions } from './dialer.ts';
import type { Link, LinkHandler } from './link.ts';
import type { TcpTarget } from './tcp.ts';
import type { TlsSettings } from './tls.ts';

/** Opens one plain link; a `Dialer` is better when more will follow, for it remembers the address that answered. */
export function connectTcp(
  target: TcpTarget,
  handler: LinkHandler,
  options: Omit<DialerOptions, 'tls'> = {},
): Link {
  return new Dialer(target, options).connect(handler);
}

/** Opens one TLS link; a `Dialer` is better when more will follow, for it builds the TLS context once. */
export function connectTls(
  target: TcpTarget,
  tls: TlsSettings,
  handler: LinkHandler,
  options: Omit<DialerOptions, 'tls'> = {},
): Link {
  return new Dialer(target, { ...options, tls }).connect(handler);
}
