import fc from 'fast-check';
import type { Claim } from '../../src/core/claim.ts';

/** Something that a validator notes about keys, here small numbers. */
export type Note =
  | { kind: 'claim'; claim: Claim; keys: number[]; version: number | null }
  | { kind: 'withdraw-keys'; claim: Claim; keys: number[]; atUs: number }
  | { kind: 'withdraw-claim'; claim: Claim; atUs: number };

export const RENEWED_AFTER = 100;

/** Few blocks and events, some a renewal apart; hotkey and registration follow from them, as on a chain. */
const claim: fc.Arbitrary<Claim> = fc
  .tuple(fc.constantFrom(1, 2, 9, 101, 110, 210), fc.nat(2))
  .map(([block, event]) => ({
    ...{ block, event },
    hotkey: ['5Ada', '5Bob', '5Cyd'][(block + event) % 3] as string,
    registered: block % 2,
  }));

const keys = fc.array(fc.nat(5), { minLength: 1, maxLength: 5 });
const atUs = fc.constantFrom(1_000_000, 7_000_000, 7_000_001, 90_000_000);

export const anyNote: fc.Arbitrary<Note> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('claim' as const), claim, keys, version: fc.option(fc.nat(2)) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('withdraw-keys' as const), claim, keys, atUs }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw-claim' as const), claim, atUs }) },
);

/** Versions belong to a claim and a key, whichever call brings them; odd keys are posts, which have none. */
export function versionOf(note: Note & { kind: 'claim' }, key: number): number | null {
  return key % 2 === 1 ? null : (note.claim.block + note.claim.event + key) % 3;
}

/** The owners of each key by the rules as they are written, from a plain Map and all notes at once. */
export function ownersByRule(notes: readonly Note[]): Map<number, { claim: Claim; from: string[] }[]> {
  const claims = new Map<number, Map<string, { claim: Claim; version: number | null }>>();
  for (const note of notes) {
    if (note.kind !== 'claim') continue;
    for (const key of note.keys) {
      const known = claims.get(key) ?? new Map<string, { claim: Claim; version: number | null }>();
      known.set(nameOf(note.claim), { claim: note.claim, version: versionOf(note, key) });
      claims.set(key, known);
    }
  }
  const owners = new Map<number, { claim: Claim; from: string[] }[]>();
  for (const [key, known] of claims) {
    const sorted = [...known.values()].sort((a, b) => a.claim.block - b.claim.block || a.claim.event - b.claim.event);
    const held: { claim: Claim; version: number | null; from: string[] }[] = [];
    let returned: string[] = [];
    for (const { claim, version } of sorted) {
      const before = held.at(-1);
      const renews =
        version !== null &&
        before !== undefined &&
        claim.block >= before.claim.block + RENEWED_AFTER &&
        held.every((item) => item.version !== version);
      if (before !== undefined && !renews) continue;
      const at = withdrawnAt(notes, key, claim);
      if (at === null) {
        held.push({ claim, version, from: returned });
        returned = [];
      } else returned.push(`${claim.block}.${claim.event}@${at}`);
    }
    owners.set(key, held);
  }
  return owners;
}

/** The earliest second at which a claim to a key was withdrawn; null where it stands. */
function withdrawnAt(notes: readonly Note[], key: number, claim: Claim): number | null {
  const times = notes.flatMap((note) => {
    if (note.kind === 'claim' || nameOf(note.claim) !== nameOf(claim)) return [];
    return note.kind === 'withdraw-keys' && !note.keys.includes(key) ? [] : [Math.floor(note.atUs / 1_000_000)];
  });
  return times.length === 0 ? null : Math.min(...times);
}

function nameOf(claim: Claim): string {
  return `${claim.block}.${claim.event}`;
}
