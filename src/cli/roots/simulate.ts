import { refusalOf } from '../../../activities/collect.ts';
import { availableByStake } from '../../commit/availability.ts';
import { checkedCommits, fallenCommits } from '../../commit/fallen-commits.ts';
import { recordKey, textKey } from '../../dedup/identities.ts';
import type { DataRecord } from '../../core/record.ts';
import { jobOf } from '../../core/wanted.ts';
import { isReturnPaid, ownersAmong } from '../../dedup/ownership.ts';
import { canonicalizeUrl } from '../../scrapers/web/canonical-url.ts';
import type { ScoringParameters } from '../../scoring/parameters.ts';
import { blockOf } from '../../scoring/simulation/ledger.ts';
import type { RowKeys, Rules } from '../../scoring/simulation/rules.ts';
import { wantedList } from '../../scoring/simulation/world.ts';

/** The real rules of ownership, row checks and availability, for simulated validators. What rows' texts and URLs give is remembered. */
export function simulationRules(parameters: Pick<ScoringParameters, 'pools' | 'renewed_after_blocks'>): Rules {
  const wanted = wantedList(parameters.pools[0]?.name ?? '');
  const records = remembered((id: string) => recordKey(id).toString('hex'));
  const texts = remembered((text: string) => textKey(text)?.toString('hex') ?? null);
  const canonical = remembered(canonicalizeUrl);
  const canonicalId = ({ url }: { url: string }): string | null => (canonical(url) === url ? `web:${url}` : null);
  const keys = new WeakMap<DataRecord, RowKeys>();
  const keysOf = (row: DataRecord): RowKeys => {
    const known = keys.get(row);
    if (known !== undefined) return known;
    // What is not wanted claims no text, as in `mayBePaid`.
    const text = row.text === null || jobOf(wanted, row) === null ? null : texts(row.text);
    const made = { record: records(row.id), text };
    keys.set(row, made);
    return made;
  };
  return {
    keysOf,
    refusalOf: (row, committedAtUs) => refusalOf({ canonicalId }, row, committedAtUs),
    ownersAmong,
    renewable: (first, second) => blockOf(second) - blockOf(first) >= parameters.renewed_after_blocks,
    isReturnPaid,
    isAvailable(had) {
      const place = { block: 0, event: 0, manifest: '' };
      const lists = had.map(({ stake, available }, index) => ({
        stake,
        list: {
          ...{ version: 1 as const, kind: 'availability' as const, netuid: 0, validator: `${index}`, epoch: 0 },
          commits: [{ ...place, available }],
        },
      }));
      return availableByStake(lists).get('0-0') ?? false;
    },
    isFallen(found) {
      const claim = { block: 0, event: 0, hotkey: '', registered: 0 };
      const lists = found.map((verdicts) => ({
        stake: 1n,
        list: { commits: checkedCommits(verdicts.map((verdict) => ({ claim, verdict }))) },
      }));
      return lists.some(({ list }) => fallenCommits(list, lists).length > 0);
    },
  };
}

function remembered<Value>(compute: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    if (!known.has(text)) known.set(text, compute(text));
    return known.get(text) as Value;
  };
}
