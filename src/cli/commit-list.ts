import type { Chain } from '../commit/chain-port.ts';
import { openCommitIndex } from '../commit/indexer/commit-index.ts';
import { fromBlock, type IndexedCommit } from '../commit/indexer/indexed-commit.ts';
import type { CommitPage, CommitQuery } from '../commit/indexer/search.ts';
import { blockMs } from './block-time.ts';
import type { Session } from './session.ts';
import type { Cell } from './table.ts';
import { UsageError } from './usage-error.ts';
import { hotkeyAddressOf } from './wallet.ts';
import { withChain } from './with-chain.ts';

/** A block number, or a moment in microseconds since 1970. */
export type SincePoint = { block: number } | { timeUs: number };

interface ListOptions {
  hotkey?: string;
  since?: SincePoint;
  blocks: number;
  digest?: string;
  source?: string;
  legacy?: boolean;
  index?: boolean;
}

/** Blocks read before the one that a date is reckoned to be at: blocks are not all equally long. */
const MARGIN = 50;
/** Documents of the index read at a time. */
const PAGE = 1000;

interface Listed {
  title: string;
  commits: IndexedCommit[];
  json: Record<string, unknown>;
}

export async function listCommits(session: Session, options: ListOptions): Promise<void> {
  const { out } = session;
  const { title, commits, json } = await (options.index === true ? fromIndex : fromChain)(session, options);
  const shown = commits.filter((commit) => isWanted(commit, options));
  out.table({
    title,
    columns: ['block', 'event', 'uid', 'hotkey', 'time', 'seq', 'rows', 'manifest', 'locator or text'],
    rows: shown.map((commit) => [
      commit.block,
      commit.event,
      commit.uid,
      commit.hotkey,
      commit.time === null ? null : new Date(commit.time / 1000).toISOString().slice(0, 19),
      ...contentCells(commit),
    ]),
  });
  if (shown.length === 0) out.line('none');
  out.json({ ...json, commits: shown });
}

async function fromChain(session: Session, options: ListOptions): Promise<Listed> {
  if (options.source !== undefined)
    throw new UsageError("the chain does not tell sources: look into a validator's index (--index)");
  const { netuid } = session.settings.values;
  return await withChain(session, async (chain) => {
    const toBlock = (await chain.finalized()).number;
    const from = await firstBlock(chain, options, toBlock);
    const commits: IndexedCommit[] = [];
    for (let block = from; block <= toBlock; block++) {
      session.out.progress({ step: 'reading blocks', done: block - from + 1, total: toBlock - from + 1 });
      const found = await chain.commitsIn(netuid, block);
      const time = found[0] === undefined ? 0 : await chain.timestamp(found[0].blockHash);
      commits.push(...found.map((commit) => fromBlock(commit, time)));
    }
    const title = `Subnet ${netuid}, blocks ${from} to ${toBlock}`;
    return { title, commits: commits.reverse(), json: { netuid, from_block: from, to_block: toBlock } };
  });
}

/** The validator's index knows sources, and what the chain has dropped or overwritten since. */
async function fromIndex(session: Session, options: ListOptions): Promise<Listed> {
  const { settings, context } = session;
  const { netuid } = settings.values;
  const hotkey = await hotkeyAddressOf(settings, context.terminal);
  const index = await openCommitIndex({ url: settings.values['redis.index_url'], hotkey, netuid });
  try {
    const commits: IndexedCommit[] = [];
    for (let after: number | null = -1; after !== null;) {
      const page: CommitPage = await index.search({ ...queryOf(options), after, limit: PAGE });
      commits.push(...page.commits);
      session.out.progress({ step: 'reading the index', done: commits.length });
      after = page.next;
    }
    const readUpTo = await index.readUpTo();
    const title = `Subnet ${netuid}, index of ${hotkey}, read up to block ${readUpTo ?? 0}`;
    return { title, commits: commits.reverse(), json: { netuid, index_of: hotkey, read_up_to: readUpTo } };
  } finally {
    await index.close();
  }
}

function queryOf({ hotkey, since, digest, source, legacy }: ListOptions): CommitQuery {
  return {
    ...(hotkey === undefined ? {} : { hotkey }),
    ...(since === undefined ? {} : 'block' in since ? { fromBlock: since.block } : { since: since.timeUs }),
    ...(digest?.length === 64 ? { digest } : {}),
    ...(source === undefined ? {} : { source }),
    ...(legacy === true ? { kind: 'legacy' as const } : {}),
  };
}

async function firstBlock(chain: Chain, { since, blocks }: ListOptions, toBlock: number): Promise<number> {
  if (since === undefined) return Math.max(1, toBlock - blocks + 1);
  if ('block' in since) return Math.max(1, since.block);
  const [eachMs, now] = await Promise.all([blockMs(chain), chain.timestamp(await chain.blockHash(toBlock))]);
  return Math.max(1, toBlock - Math.ceil((now - since.timeUs) / 1000 / eachMs) - MARGIN);
}

function isWanted(commit: IndexedCommit, { hotkey, since, digest, source, legacy }: ListOptions): boolean {
  if (hotkey !== undefined && commit.hotkey !== hotkey) return false;
  if (since !== undefined && 'timeUs' in since && commit.time !== null && commit.time < since.timeUs) return false;
  if (digest !== undefined && ![commit.digest, ...commit.carries].some((known) => known?.startsWith(digest)))
    return false;
  if (source !== undefined && !commit.sources.includes(source)) return false;
  return legacy !== true || commit.kind === 'legacy';
}

function contentCells(commit: IndexedCommit): Cell[] {
  if (commit.kind === 'manifest') {
    return [commit.seq, commit.rows, commit.digest?.slice(0, 12) ?? '', commit.locator || 'axon'];
  }
  const text = commit.revealed ?? commit.data;
  if (commit.kind === 'secret') return [null, null, 'secret of a challenge period', text];
  if (commit.kind === 'timelocked')
    return [null, null, { text: `time-locked, round ${commit.round}`, tone: 'warn' }, text];
  return [null, null, { text: `${commit.kind}, unverifiable`, tone: 'warn' }, text];
}
