/** Payable rows of one author on one site, in millionths of a row. `''`: no cap of that kind holds for them. */
export interface PayableGroup {
  /** Registrable domain, or instance of a federated network. */
  site: string;
  /** Author, with the source or site that knows it by this name. */
  author: string;
  payable_ppm: number;
}

/** What caps are set by. */
export interface CapParameters {
  /** Largest share of what a pool pays in an epoch that goes to the rows of one site. */
  cap_site_ppm: number;
  /** Largest share of what a pool pays in an epoch that goes to the rows of one author. */
  cap_author_ppm: number;
  /** Rows that no cap cuts, so that a small network with few sites still pays. */
  cap_floor_rows: number;
}

/** What one miner would be paid for, before caps. */
export interface Contribution {
  /** Millionths of a row; at least what its groups add up to. The rest is under no cap. */
  total: number;
  groups: readonly PayableGroup[];
}

/** A site or an author that a cap cut. */
export interface Cut {
  /** `site:example.org` or `author:x/somebody`. */
  group: string;
  /** What all miners together brought of it, in millionths of a row. */
  network: number;
  /** What they are paid of it together. */
  paid: number;
}

export interface Capped {
  /** What each miner is paid for, in the order of the contributions. */
  totals: number[];
  /** By group's name. */
  cuts: Map<string, Cut>;
}

interface Cell {
  miner: number;
  site: string;
  author: string;
  value: bigint;
}

const PPM = 1_000_000n;

/**
 * Caps over the whole network, shared pro rata (DESIGN.md, rule 4): first what one author brings, then what one site brings. Whether its rows come
 * from one key or from many changes nothing.
 *
 * A cap is a share of what is paid after all cuts, so that flooding the network with rows of one's own raises no cap: the rows that are cut
 * don't count. Rows of hosts that a job names are in no group, for the owner of the list has chosen them.
 */
export function applyCaps(contributions: readonly Contribution[], caps: CapParameters): Capped {
  const cells: Cell[] = contributions.flatMap(({ groups }, miner) =>
    groups.map(({ site, author, payable_ppm }) => ({ miner, site, author, value: BigInt(payable_ppm) })),
  );
  const totals = contributions.map(({ total }) => BigInt(total));
  const floor = BigInt(caps.cap_floor_rows) * PPM;
  const cuts = new Map<string, Cut>();
  for (const kind of ['author', 'site'] as const) {
    const sums = sumBy(cells, kind);
    const grouped = [...sums.values()].reduce((sum, value) => sum + value, 0n);
    const free = totals.reduce((sum, value) => sum + value, 0n) - grouped;
    const share = BigInt(kind === 'author' ? caps.cap_author_ppm : caps.cap_site_ppm);
    const level = max(capLevel([...sums.values()], free, share), floor);
    for (const cell of cells) {
      const sum = sums.get(cell[kind]);
      if (sum === undefined || sum <= level) continue;
      const left = (cell.value * level) / sum;
      totals[cell.miner] = (totals[cell.miner] ?? 0n) - (cell.value - left);
      cell.value = left;
      const group = `${kind}:${cell[kind]}`;
      cuts.set(group, { group, network: Number(sum), paid: Number(level) });
    }
  }
  return { totals: totals.map(Number), cuts };
}

/**
 * The largest level for which no group, cut to it, gets more than `share` of everything that is then paid: the greatest L with
 * L = share * (free + sum of min(group, L)).
 */
function capLevel(groups: readonly bigint[], free: bigint, share: bigint): bigint {
  const sizes = [...groups].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  let uncut = sizes.reduce((sum, size) => sum + size, free);
  for (let cut = 0n; ; cut += 1n) {
    const largest = sizes[Number(cut)];
    if (largest === undefined) return levelOf(uncut, cut, share) ?? 0n;
    const level = levelOf(uncut, cut, share);
    // From 1/share groups on, cutting them alike leaves each within its share.
    if (level === null || largest <= level) return level ?? sizes[Number(cut) - 1] ?? 0n;
    uncut -= largest;
  }
}

/** L where `cut` groups are cut to it and `uncut` is paid besides; null where any would do. */
function levelOf(uncut: bigint, cut: bigint, share: bigint): bigint | null {
  const rest = PPM - share * cut;
  return rest <= 0n ? null : (share * uncut) / rest;
}

function sumBy(cells: readonly Cell[], kind: 'site' | 'author'): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const cell of cells) {
    if (cell[kind] !== '') sums.set(cell[kind], (sums.get(cell[kind]) ?? 0n) + cell.value);
  }
  return sums;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
