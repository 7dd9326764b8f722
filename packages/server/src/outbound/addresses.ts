import ipaddr from 'ipaddr.js';

/** Addresses of a network that the configuration allows beside the public ones. */
export type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** An address in its one form: one of IPv4 that is written as one of IPv6 is the one of IPv4. Null where it is none. */
function read(address: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  // A zone names a line of this machine, which nothing outside needs.
  if (!ipaddr.isValid(address) || address.includes('%')) return null;
  return ipaddr.process(address);
}

/** Looks public and is not: what a cloud's machines are told by, inside of the cloud alone. */
const insideClouds: ReadonlySet<string> = new Set(['168.63.129.16']);

/** 2000::/3, of which all public addresses of IPv6 are given out (RFC 4291 §2.4, IANA). */
const globalUnicast = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

/**
 * Whether an IP address belongs to the public Internet: not this machine, a private or link-local network (where clouds
 * answer with what their machines may do), multicast, nor a form of such an address in another one (IPv4-mapped, NAT64,
 * 6to4, Teredo). What is no IP address in its usual form is not public either.
 */
export function isPublicAddress(address: string): boolean {
  const found = read(address);
  if (found === null || found.range() !== 'unicast' || insideClouds.has(found.toString())) return false;
  return found instanceof ipaddr.IPv4 || found.match(globalUnicast);
}

/** Reads `10.1.0.0/16, fd00::1`, with a single address as a network of one. Undefined where one of them is none. */
export function readNetworks(text: string): Network[] | undefined {
  const networks: Network[] = [];
  for (const each of text.split(',').map((word) => word.trim())) {
    const single = read(each);
    if (single !== null) networks.push([single, single instanceof ipaddr.IPv4 ? 32 : 128]);
    else if (ipaddr.isValidCIDR(each)) networks.push(ipaddr.parseCIDR(each));
    else return undefined;
  }
  return networks;
}

/** Whether an IP address is in one of the networks. */
export function isInNetworks(address: string, networks: readonly Network[]): boolean {
  const found = read(address);
  if (found === null) return false;
  return networks.some(
    ([network, bits]) =>
      // Both of one kind: neither library nor rule compares IPv4 with IPv6.
      found.kind() === network.kind() && (found as ipaddr.IPv4).match(network as ipaddr.IPv4, bits),
  );
}
