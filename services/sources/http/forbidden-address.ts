import { BlockList, isIPv6 } from 'node:net';

/** Where no endpoint of a dashboard is: link-local with the metadata services of clouds, unspecified, multicast, broadcast. */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4');
FORBIDDEN.addSubnet('0.0.0.0', 8, 'ipv4');
FORBIDDEN.addSubnet('224.0.0.0', 3, 'ipv4');
// Metadata services outside of link-local: Alibaba Cloud and Oracle Cloud; AWS over IPv6.
FORBIDDEN.addAddress('100.100.100.200', 'ipv4');
FORBIDDEN.addAddress('192.0.0.192', 'ipv4');
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6');
FORBIDDEN.addAddress('::', 'ipv6');
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addSubnet('ff00::', 8, 'ipv6');

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** IPv4 inside IPv6, and the first group of it: mapped, translated (NAT64), 6to4. The v4 address is what is reached in the end. */
const EMBEDDED: readonly { readonly list: BlockList; readonly firstGroup: number }[] = [
  { list: subnet('::ffff:0:0', 96), firstGroup: 6 },
  { list: subnet('64:ff9b::', 96), firstGroup: 6 },
  { list: subnet('2002::', 16), firstGroup: 1 },
];

/** Whether nothing is ever asked at an address, whoever names it. */
export function isForbiddenAddress(address: string): boolean {
  return isIn(FORBIDDEN, address);
}

/** Whether it is this machine itself. */
export function isLoopbackAddress(address: string): boolean {
  return isIn(LOOPBACK, address);
}

function isIn(list: BlockList, address: string): boolean {
  // A zone says by which interface, not where.
  const plain = address.replace(/%.*$/, '');
  if (!isIPv6(plain)) return list.check(plain, 'ipv4');
  const embedded = embeddedIpv4(plain);
  return list.check(plain, 'ipv6') || (embedded !== null && list.check(embedded, 'ipv4'));
}

function embeddedIpv4(address: string): string | null {
  const place = EMBEDDED.find(({ list }) => list.check(address, 'ipv6'));
  if (!place) return null;
  const [high = 0, low = 0] = groupsOf(address).slice(place.firstGroup, place.firstGroup + 2);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

function subnet(prefix: string, bits: number): BlockList {
  const list = new BlockList();
  list.addSubnet(prefix, bits, 'ipv6');
  return list;
}

/** The eight groups, from the one spelling that a URL gives it. */
function groupsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail = ''] = canonical.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}
