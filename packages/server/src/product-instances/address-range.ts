import { BlockList, isIP } from 'node:net';

/** Whether an address lies in a CIDR range. An IPv4 address written as IPv6 (`::ffff:…`) is the IPv4 address. */
export function isInRange(address: string | null, range: string): boolean {
  const [network, prefix] = range.split('/');
  if (address === null || network === undefined) return false;
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '');
  const family = isIP(plain);
  if (family === 0 || family !== isIP(network)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(prefix ?? (family === 4 ? 32 : 128)), type);
  return list.check(plain, type);
}
