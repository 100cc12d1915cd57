import type { BlockRef, Signer } from '../src/core/chain.ts';
import type { Claim } from '../src/core/claim.ts';
import type { Digest } from '../src/core/manifest.ts';
import { availableByStake, weighLists } from '../src/commit/availability.ts';
import type { Chain } from '../src/commit/chain-port.ts';
import { checkedCommits } from '../src/commit/fallen-commits.ts';
import type { CheckedCommit } from '../src/commit/fallen-commits.ts';
import type { InvalidRow } from '../src/commit/invalid-rows.ts';
import type { JudgedCommits, ManifestCommit } from '../src/commit/judged-commits.ts';
import type { Signed } from '../src/commit/signed-json.ts';
import type { Mirror } from '../src/commit/mirror.ts';
import { otherValidators } from '../src/commit/other-validators.ts';
import { readStatement } from '../src/commit/statements.ts';
import type { Statement, StatementKind, Statements } from '../src/commit/statements.ts';
import type { VerdictLog } from '../src/commit/verdict-log/verdict-log.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import type { Owners } from '../src/dedup/owners.ts';
import { peerBase } from '../src/net/peer-request.ts';
import { fetchStatement } from '../src/net/statement-client.ts';
import type { EvidenceMiner } from '../src/scoring/evidence.ts';
import type { SampledRow } from './examine.ts';
import type { EpochWindow } from './follow.ts';

export interface StatementDeps {
  chain: Pick<Chain, 'metagraph' | 'timestamp'>;
  signer: Signer;
  netuid: number;
  store: ObjectStore;
  judged: JudgedCommits;
  owners: Owners;
  log: VerdictLog;
  statements: Statements;
  mirror: Pick<Mirror, 'keep'>;
  /** Whether a peer at this IP address may be called; loopback only on development networks. */
  isAllowedPeer: (address: string) => boolean;
  heartbeat: (progress: unknown) => void;
  /** How long other validators are waited for until they have said what they had. @default 20000 */
  patienceMs?: number;
}

export interface Reconciled {
  /** Commitments that most of the stake had in time and this validator had not. */
  missed: ManifestCommit[];
  /** Commitments that this validator had, and most of the stake had not: they are void. */
  voided: number;
}

export type StatementActivities = ReturnType<typeof createStatementActivities>;

const MAX_STATEMENT_BYTES = 4_000_000;
const ASK_AGAIN_MS = 1_000;

export function createStatementActivities(deps: StatementDeps) {
  const { signer, netuid, statements } = deps;
  const head = { version: 1 as const, netuid, validator: signer.address };

  return {
    /**
     * Says which commitments of an epoch this validator had by their deadline, hears what the others say, and goes by the stake's majority (DESIGN.md,
     * rule 2). Who says nothing within the patience is not counted; where nobody else speaks, one's own word stands.
     */
    async reconcileAvailability(input: { epoch: EpochWindow; seedBlock: BlockRef }): Promise<Reconciled> {
      const { index: epoch, start, end } = input.epoch;
      const commits = await deps.judged.between(start, end);
      const said = await statements.said('availability', epoch);
      if (said === null) {
        const rows = commits.map(({ block, event, manifest, judgement }) => {
          return { block, event, manifest, available: judgement.status !== 'void' };
        });
        await statements.say({ ...head, kind: 'availability', epoch, commits: rows });
      }
      const own = await statements.said('availability', epoch);
      const others = await othersSay(deps, 'availability', epoch, deps.patienceMs ?? 20_000);
      const result: Reconciled = { missed: [], voided: 0 };
      if (own === null || others.length === 0) return result;
      const validators = await deps.chain.metagraph(netuid, end);
      const had = availableByStake(await weighLists([own, ...others], { netuid, epoch }, validators));
      const at = await deps.chain.timestamp(input.seedBlock.hash);
      for (const commit of commits) {
        const available = had.get(`${commit.block}-${commit.event}`);
        const { judgement, ...plain } = commit;
        if (available === true && judgement.status === 'void') result.missed.push(plain);
        if (available === false && judgement.status !== 'void') {
          await voidCommit(deps, plain, at);
          result.voided += 1;
        }
      }
      return result;
    },

    /** Says which sampled rows of an epoch were found invalid and how much of each commitment holds, and keeps what shows it for whoever asks. */
    async sayInvalid(input: {
      epoch: EpochWindow;
      findings: readonly Digest[];
      seedBlock: BlockRef;
    }): Promise<{ rows: number }> {
      const at = await deps.chain.timestamp(input.seedBlock.hash);
      const rows: InvalidRow[] = [];
      const checked: CheckedCommit[] = [];
      for (const digest of input.findings) {
        const found = await claimedVerdicts(deps.store, digest);
        rows.push(...invalidOf(found));
        checked.push(...checkedCommits(found));
      }
      const { index: epoch } = input.epoch;
      const archived = rows.map((row) => row.archived).filter((digest) => digest !== null);
      await deps.mirror.keep(archived, input.seedBlock.number);
      await statements.say({ ...head, kind: 'invalid', epoch, at, rows, commits: checked });
      return { rows: rows.length };
    },
  };
}

type ClaimedVerdict = EvidenceMiner['verdicts'][number] & { claim: Claim };

/** The verdicts of one miner's findings, each with the claim that its row came with. */
async function claimedVerdicts(store: ObjectStore, findings: Digest): Promise<ClaimedVerdict[]> {
  const read = async <T>(digest: Digest): Promise<T> =>
    JSON.parse(new TextDecoder().decode(await store.get(digest))) as T;
  const { sample, verdicts } = await read<EvidenceMiner>(findings);
  if (sample === null || verdicts.length === 0) return [];
  const drawn = new Map((await read<SampledRow[]>(sample)).map((item) => [item.row.id, item]));
  return verdicts.flatMap((verdict) => {
    const claim = drawn.get(verdict.id)?.claim;
    return claim === undefined ? [] : [{ ...verdict, claim }];
  });
}

function invalidOf(verdicts: readonly ClaimedVerdict[]): InvalidRow[] {
  return verdicts
    .filter(({ verdict }) => verdict === 'invalid')
    .map(({ claim, id, reason, archived = null }) => ({ claim, id, reason, archived }));
}

/** What the other validators with a permit say of an epoch: all that have said it by now or, at the latest, when the patience is over. */
export async function othersSay<Kind extends StatementKind>(
  deps: Pick<StatementDeps, 'chain' | 'signer' | 'netuid' | 'isAllowedPeer' | 'heartbeat'>,
  kind: Kind,
  epoch: number,
  patienceMs: number,
): Promise<Signed<Extract<Statement, { kind: Kind }>>[]> {
  const { signer, netuid } = deps;
  const heard = new Map<string, Signed<Extract<Statement, { kind: Kind }>>>();
  const until = Date.now() + patienceMs;
  for (;;) {
    const others = await otherValidators(deps.chain, netuid, signer.address);
    const silent = others.filter(({ hotkey }) => !heard.has(hotkey));
    await Promise.all(
      silent.map(async ({ hotkey, axon }) => {
        if (!deps.isAllowedPeer(axon.ip)) return;
        const text = await fetchStatement({
          ...{ base: peerBase(axon), kind, epoch, receiver: hotkey, signer },
          ...{ maxBytes: MAX_STATEMENT_BYTES, timeoutMs: 10_000, minBytesPerSecond: 10_000 },
          isAllowedAddress: deps.isAllowedPeer,
        });
        const statement = text === null ? null : await readStatement(text, { kind, netuid, epoch, validator: hotkey });
        if (statement !== null) heard.set(hotkey, statement);
      }),
    );
    deps.heartbeat({ heard: heard.size, of: others.length });
    if (heard.size >= others.length || Date.now() >= until) return [...heard.values()];
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

/** The log first: what it says can be done again. */
async function voidCommit(deps: StatementDeps, commit: ManifestCommit, at: number): Promise<void> {
  const { block, event, hotkey, registered } = commit;
  const place = { block, event, hotkey, registered };
  await deps.log.append({ kind: 'withdrawn', place, rows: null, reason: 'stake_majority', at });
  await deps.owners.withdrawClaim(place, at);
  await deps.judged.judge(commit, { status: 'void', reason: 'stake_majority' });
}
