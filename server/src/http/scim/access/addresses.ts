import { BlockList, isIP } from 'node:net';

interface Range {
  address: string;
  prefix: number;
  family: 'ipv4' | 'ipv6';
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** IPv4 in the clothes of IPv6, as a socket that listens to both reports it, is IPv4; a zone is no part of the address. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, '');
  return MAPPED.exec(bare)?.[1] ?? bare;
}

/** `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`; null for anything else. */
export function parseRange(text: string): Range | null {
  const [given = '', length, ...rest] = text.split('/');
  if (rest.length > 0 || given.includes('%')) return null;
  const address = plainAddress(given);
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (bits === 0) return null;
  const family = bits === 32 ? 'ipv4' : 'ipv6';
  if (length === undefined) return { address, prefix: bits, family };
  if (!/^\d{1,3}$/.test(length)) return null;
  const prefix = Number(length) - (address === given ? 0 : 96);
  return prefix < 0 || prefix > bits ? null : { address, prefix, family };
}

/** Whether a request's address is on a token's list. An empty list allows every address. */
export function addressRule(allowed: readonly string[]): (address: string) => boolean {
  if (allowed.length === 0) return () => true;
  const list = new BlockList();
  for (const range of allowed.map(parseRange)) {
    if (range !== null) list.addSubnet(range.address, range.prefix, range.family);
  }
  return (address) => {
    const plain = plainAddress(address);
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  };
}

/**
 * Whom a failed sign-in is counted for: an IPv4 address, or the /64 of an IPv6 address, because whoever has one address
 * of such a network has all of them.
 */
export function sourceOf(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? 0 : tail.split(':').length;
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after);
  const full = [...groups, ...Array<string>(zeros).fill('0'), ...(tail ? tail.split(':') : [])];
  return `${full.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
