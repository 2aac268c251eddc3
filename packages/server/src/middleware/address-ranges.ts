import { BlockList, isIP } from 'node:net';
import { OptionError } from '../errors.ts';

const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: [
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    'fc00::/7',
    'fe80::/10',
    '169.254.0.0/16',
  ],
};

/** Tells whether an address is in one of `ranges`: addresses, CIDR blocks, `loopback`, `private`. */
export function addressRanges(
  where: string,
  ranges: readonly string[],
): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges.flatMap((each) => NAMED[each] ?? [each])) add(list, range, where);
  return (address) => {
    const plain = plainAddress(address);
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  };
}

function add(list: BlockList, range: string, where: string): void {
  const [address = '', bits] = range.split('/');
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (version === 0 || !(prefix >= 0 && prefix <= most)) {
    throw new OptionError(where, `${range} is no address or CIDR block`, 'Write 10.0.0.0/8');
  }
  list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6');
}

/** An IPv4 address that came over an IPv6 socket is one (RFC 4291 §2.5.5.2). */
export function plainAddress(address: string): string {
  return /^::ffff:\d/i.test(address) ? address.slice(7) : address;
}
