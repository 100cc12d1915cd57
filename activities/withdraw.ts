import type { Claim } from '../src/core/claim.ts';
import type { DataRecord } from '../src/core/record.ts';
import { fallenCommits } from '../src/commit/fallen-commits.ts';
import type { WeighedChecks } from '../src/commit/fallen-commits.ts';
import type { InvalidList, InvalidRow } from '../src/commit/invalid-rows.ts';
import { agreedInvalid, unconfirmed } from '../src/commit/invalid-rows.ts';
import type { JudgedCommit, JudgedCommits, ManifestCommit } from '../src/commit/judged-commits.ts';
import type { Statements } from '../src/commit/statements.ts';
import type { VerdictLog } from '../src/commit/verdict-log/verdict-log.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import { verifyShard } from '../src/datasets/verify-shard.ts';
import type { Owners } from '../src/dedup/owners.ts';
import { withdrawRows } from '../src/dedup/row-claims.ts';
import type { LeaseQueue } from '../src/scrapers/frontier/frontier.ts';
import { alive } from './alive.ts';
import { mayBePaid } from './collect.ts';
import type { CollectDeps } from './collect.ts';
import { checkRow } from './examine.ts';
import type { CheckDeps } from './examine.ts';
import { othersSay } from './statements.ts';
import type { StatementDeps } from './statements.ts';

export interface WithdrawDeps extends CheckDeps {
  chain: StatementDeps['chain'];
  signer: StatementDeps['signer'];
  netuid: number;
  isAllowedPeer: StatementDeps['isAllowedPeer'];
  statements: Statements;
  judged: JudgedCommits;
  store: ObjectStore;
  owners: Owners;
  wanted: CollectDeps['wanted'];
  log: VerdictLog;
  needsBrowser: (row: DataRecord) => boolean;
  heartbeat: (progress: unknown) => void;
  /** Rows of one other validator that are looked at again in one go, at most. */
  sampleRows: number;
}

export type WithdrawActivities = ReturnType<typeof createWithdrawActivities>;

export function createWithdrawActivities(deps: WithdrawDeps) {
  return {
    /** Scrapes again what other validators found invalid in an epoch, and says so where it is. */
    async confirmInvalid(input: { epoch: number; queue: LeaseQueue }): Promise<{ confirmed: number }> {
      return await alive(
        () => deps.heartbeat({ confirming: input.epoch }),
        () => confirm(deps, input),
      );
    },

    /**
     * Withdraws the claims to rows of an epoch that this validator and another found invalid, so that whoever claimed them next owns them, and all
     * claims of commitments of which hardly anything holds; noted in the log of verdicts first. Doing it again changes nothing.
     */
    async withdrawInvalid(input: { epoch: number }): Promise<{ rows: number; commits: number }> {
      return await alive(
        () => deps.heartbeat({ withdrawing: input.epoch }),
        () => withdraw(deps, input.epoch),
      );
    },
  };
}

async function confirm(
  deps: WithdrawDeps,
  input: { epoch: number; queue: LeaseQueue },
): Promise<{ confirmed: number }> {
  const { epoch } = input;
  const own = await deps.statements.said('invalid', epoch);
  if (own === null) return { confirmed: 0 };
  const confirmed: InvalidRow[] = [];
  for (const { rows } of await othersSay(deps, 'invalid', epoch, 0)) {
    const asked = unconfirmed([...own.rows, ...confirmed], rows).slice(0, deps.sampleRows);
    for (const { row, said, commit } of await committedRows(deps, asked)) {
      if (deps.needsBrowser(row) !== (input.queue === 'browser')) continue;
      const committedAtUs = await deps.chain.timestamp(commit.blockHash);
      const { verdict, reason, archived = null } = await checkRow(deps, row, committedAtUs);
      if (verdict === 'invalid') confirmed.push({ ...said, reason, archived });
    }
  }
  if (confirmed.length > 0) {
    const { version, kind, netuid, validator, at, commits } = own;
    const rows = [...own.rows, ...confirmed];
    await deps.statements.say({ version, kind, netuid, validator, epoch, at, rows, commits });
  }
  return { confirmed: confirmed.length };
}

async function withdraw(deps: WithdrawDeps, epoch: number): Promise<{ rows: number; commits: number }> {
  const own = await deps.statements.said('invalid', epoch);
  if (own === null) return { rows: 0, commits: 0 };
  const others = await othersSay(deps, 'invalid', epoch, 0);
  const agreed = agreedInvalid(
    own.rows,
    others.map(({ rows }) => rows),
  );
  const found = await committedRows(deps, agreed);
  for (const { row, said, commit } of found) {
    const { claim, id, archived } = said;
    await deps.log.append({
      kind: 'withdrawn',
      place: claim,
      rows: [{ id, archived }],
      reason: 'invalid',
      at: own.at,
    });
    const mayPay = mayBePaid(deps.wanted, await deps.chain.timestamp(commit.blockHash));
    await withdrawRows(deps.owners, [row], claim, own.at, mayPay);
  }
  const fallen = fallenCommits(own, await weighed(deps, [own, ...others]));
  for (const claim of fallen) await withdrawCommit(deps, claim, own.at);
  return { rows: found.length, commits: fallen.length };
}

async function weighed(
  { chain, netuid }: Pick<WithdrawDeps, 'chain' | 'netuid'>,
  lists: readonly InvalidList[],
): Promise<WeighedChecks[]> {
  const stakes = new Map((await chain.metagraph(netuid)).map(({ hotkey, stake }) => [hotkey, stake]));
  return lists.map((list) => ({ list, stake: stakes.get(list.validator) ?? 0n }));
}

/** The log first: what it says can be done again. */
async function withdrawCommit(deps: WithdrawDeps, claim: Claim, at: number): Promise<void> {
  const reason = 'mostly_invalid';
  await deps.log.append({ kind: 'withdrawn', place: claim, rows: null, reason, at });
  await deps.owners.withdrawClaim(claim, at);
  for (const { judgement, ...commit } of await deps.judged.between(claim.block - 1, claim.block)) {
    if (isOf(claim, commit) && judgement.status === 'accepted')
      await deps.judged.judge(commit, { status: 'rejected', reason });
  }
}

interface CommittedRow {
  row: DataRecord;
  said: InvalidRow;
  commit: JudgedCommit;
}

/** The rows as their miners committed them; what no accepted commitment holds is left out. */
async function committedRows(
  deps: Pick<WithdrawDeps, 'store' | 'judged'>,
  said: readonly InvalidRow[],
): Promise<CommittedRow[]> {
  const found: CommittedRow[] = [];
  const blocks = [...new Set(said.map(({ claim }) => claim.block))].sort((a, b) => a - b);
  const commits = await Promise.all(blocks.map((block) => deps.judged.between(block - 1, block)));
  for (const commit of commits.flat()) {
    const ofCommit = new Map(said.filter(({ claim }) => isOf(claim, commit)).map((item) => [item.id, item]));
    if (ofCommit.size === 0 || commit.judgement.status !== 'accepted') continue;
    for (const shard of commit.judgement.shards) {
      const path = deps.store.path(shard.sha256);
      if (path === null) continue;
      for (const row of (await verifyShard(path, shard)).rows) {
        const item = ofCommit.get(row.id);
        if (item !== undefined) found.push({ row, said: item, commit });
      }
    }
  }
  return found;
}

function isOf(claim: Claim, commit: ManifestCommit): boolean {
  return (
    claim.block === commit.block &&
    claim.event === commit.event &&
    claim.hotkey === commit.hotkey &&
    claim.registered === commit.registered
  );
}
