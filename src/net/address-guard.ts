import { BlockList, isIP, isIPv4 } from 'node:net';

/** What an address is for; only `public` ones may be fetched without being allowed by name. */
export type AddressClass =
  'public' | 'private' | 'loopback' | 'link-local' | 'shared' | 'metadata' | 'multicast' | 'reserved';

/**
 * The class of an IP address in text form, with or without a zone (`fe80::1%eth0`). IPv6 addresses that carry an IPv4 one
 * (mapped, compatible, NAT64, 6to4, ISATAP) are judged by what they carry, because that is where the packet ends up. Text that is
 * no address is `reserved`. Source: the IANA special-purpose address registries.
 */
export function classifyAddress(address: string): AddressClass {
  const [plain = ''] = address.split('%', 1);
  if (isIP(plain) === 0) return 'reserved';
  if (isIPv4(plain)) return lookUp(V4, plain, 'ipv4') ?? 'public';
  const special = lookUp(V6, plain, 'ipv6');
  const carried = carriedIpv4(plain);
  const inside = carried === null ? 'public' : classifyAddress(carried);
  // A network's own NAT64 prefix is private, and may lead to a metadata server.
  if (special !== null) return special === 'private' && inside === 'metadata' ? inside : special;
  if (carried !== null) return inside;
  // Only 2000::/3 has been given out as global unicast.
  return GLOBAL_V6.check(plain, 'ipv6') ? 'public' : 'reserved';
}

/** Whether a host that a job allows by name may have an address of this class: never metadata or multicast ones. */
export function isAllowedByName(addressClass: AddressClass): boolean {
  return addressClass === 'public' || addressClass === 'private' || addressClass === 'loopback';
}

function lookUp(table: readonly [AddressClass, BlockList][], address: string, family: 'ipv4' | 'ipv6') {
  return table.find(([, list]) => list.check(address, family))?.[0] ?? null;
}

function carriedIpv4(address: string): string | null {
  const groups = groupsOf(address);
  const [g0 = 0, g1 = 0, g2 = 0, , , g5 = 0, g6 = 0, g7 = 0] = groups;
  const leading = groups.slice(0, 5).every((group) => group === 0);
  const mapped = leading && (g5 === 0xffff || g5 === 0);
  const translated = groups.slice(0, 4).every((group) => group === 0) && groups[4] === 0xffff && g5 === 0;
  const nat64 = g0 === 0x64 && g1 === 0xff9b && groups.slice(2, 6).every((group) => group === 0);
  const ownNat64 = g0 === 0x64 && g1 === 0xff9b && g2 === 1;
  const isatap = (groups[4] === 0 || groups[4] === 0x200) && g5 === 0x5efe;
  if (mapped || translated || nat64 || ownNat64 || isatap) return dotted(g6, g7);
  return g0 === 0x2002 ? dotted(g1, g2) : null;
}

/** The eight 16-bit groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  // The URL parser writes every spelling, dotted quads too, as the shortest hexadecimal one.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const parse = (text: string) => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  const before = parse(head);
  if (tail === undefined) return before;
  const after = parse(tail);
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function table(
  family: 'ipv4' | 'ipv6',
  rows: readonly [AddressClass, readonly string[]][],
): [AddressClass, BlockList][] {
  return rows.map(([addressClass, networks]) => {
    const list = new BlockList();
    for (const network of networks) {
      const [base = '', bits = ''] = network.split('/');
      list.addSubnet(base, Number(bits), family);
    }
    return [addressClass, list];
  });
}

// The first row that fits decides, so that the narrow metadata addresses come before the networks around them.
const V4 = table('ipv4', [
  ['metadata', ['169.254.169.254/32', '169.254.170.0/24', '100.100.100.200/32', '168.63.129.16/32', '192.0.0.192/32']],
  ['loopback', ['127.0.0.0/8']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']],
  ['link-local', ['169.254.0.0/16']],
  ['shared', ['100.64.0.0/10']],
  ['multicast', ['224.0.0.0/4']],
  [
    'reserved',
    [
      '0.0.0.0/8',
      '192.0.0.0/24',
      '192.0.2.0/24',
      '192.31.196.0/24',
      '192.52.193.0/24',
      '192.88.99.0/24',
      '192.175.48.0/24',
      '198.18.0.0/15',
      '198.51.100.0/24',
      '203.0.113.0/24',
      '240.0.0.0/4',
    ],
  ],
]);

const V6 = table('ipv6', [
  // All that AWS serves its instances at, and Google's server.
  ['metadata', ['fd00:ec2::/32', 'fd20:ce::254/128']],
  ['loopback', ['::1/128']],
  ['private', ['fc00::/7', 'fec0::/10', '64:ff9b:1::/48']],
  ['link-local', ['fe80::/10']],
  ['multicast', ['ff00::/8']],
  ['reserved', ['::/128', '2001::/23', '2001:db8::/32', '3fff::/20', '100::/64', '2620:4f:8000::/48', '5f00::/16']],
]);

const GLOBAL_V6 = new BlockList();
GLOBAL_V6.addSubnet('2000::', 3, 'ipv6');
