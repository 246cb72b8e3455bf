import { isIPv6 } from 'node:net';

/** An IPv4 address within IPv6, as a socket that listens to both has it. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * What counts as one client: an IPv4 address, and of IPv6 the network of 64 bits, of which whoever has one
 * address has all 2^64.
 */
export function clientNetwork(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = MAPPED.exec(address)?.[1];
  return mapped ?? `${groupsOf(address).slice(0, 4).join(':')}::/64`;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): readonly string[] {
  const [zoneless = ''] = address.split('%');
  const [before = '', after] = zoneless.split('::');
  const first = parseGroups(before);
  if (after === undefined) return first;
  const last = parseGroups(after);
  const left = Math.max(0, 8 - first.length - last.length);
  return [...first, ...new Array<string>(left).fill('0'), ...last];
}

function parseGroups(text: string): readonly string[] {
  // The last group may be an IPv4 address, which is two: of the first four it is never one.
  const groups = text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
  return text === '' ? [] : groups.map((group) => Number.parseInt(group, 16).toString(16));
}
