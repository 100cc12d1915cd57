import type { Command } from 'commander';
import type { Chain } from '../../commit/chain-port.ts';
import { commitmentCost, fitsBudget } from '../../commit/budget.ts';
import { decodeCommitment, MAX_COMMITMENT_BYTES, type DecodedCommitment } from '../../commit/commitment.ts';
import { followCommits } from '../../commit/follow.ts';
import type { ChainCommit } from '../../core/chain.ts';
import { ss58, wholeNumber } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import type { Act, Session } from '../session.ts';
import type { Cell } from '../table.ts';
import { hotkeyOf } from '../wallet.ts';
import { withChain } from '../with-chain.ts';

const MAX_BLOCK = 4_294_967_295;

export function addCommitCommands(program: Command, act: Act): void {
  const commit = program
    .command('commit')
    .helpCommand(false)
    .summary('commitments on chain')
    .description('Commitments on chain, read from the chain itself.');
  commit
    .command('list')
    .description('commitments of the newest blocks, newest first')
    .option('--hotkey <ss58>', "one hotkey's only", ss58)
    .option('--blocks <count>', 'how far back', wholeNumber(1, 100_000), 300)
    .action(act(list));
  commit
    .command('show')
    .description('the commitment that a hotkey holds')
    .argument('[hotkey]', 'SS58 address (else that of the settings)', ss58)
    .option(
      '--block <number>',
      'as it stood at the end of this block (else the newest final one)',
      wholeNumber(0, MAX_BLOCK),
    )
    .action(act(show));
  commit
    .command('status')
    .description("this epoch's byte budget and what is left of it")
    .option('--hotkey <ss58>', 'whose (else that of the settings)', ss58)
    .action(act(status));
}

async function list(session: Session, options: { hotkey?: string; blocks: number }): Promise<void> {
  const { netuid } = session.settings.values;
  const range = await withChain(session, async (chain) => {
    const toBlock = (await chain.finalized()).number;
    const fromBlock = Math.max(1, toBlock - options.blocks + 1);
    return { fromBlock, toBlock, commits: await collect(chain, netuid, fromBlock, toBlock, session.out) };
  });
  const commits = range.commits
    .filter((item) => options.hotkey === undefined || item.hotkey === options.hotkey)
    .reverse()
    .map((item) => ({ ...item, commitment: decodeCommitment(item.data) }));
  session.out.table({
    title: `Subnet ${netuid}, blocks ${range.fromBlock} to ${range.toBlock}`,
    columns: ['block', 'event', 'uid', 'hotkey', 'seq', 'rows', 'manifest', 'locator'],
    rows: commits.map((item) => [item.block, item.event, item.uid, item.hotkey, ...commitmentCells(item.commitment)]),
  });
  if (commits.length === 0) session.out.line('none');
  session.out.json({ netuid, from_block: range.fromBlock, to_block: range.toBlock, commits });
}

async function collect(
  chain: Chain,
  netuid: number,
  fromBlock: number,
  toBlock: number,
  out: Output,
): Promise<ChainCommit[]> {
  const commits: ChainCommit[] = [];
  const read = {
    commitsIn: (wanted: number, block: number) => {
      out.progress({ step: 'reading blocks', done: block - fromBlock + 1, total: toBlock - fromBlock + 1 });
      return chain.commitsIn(wanted, block);
    },
  };
  for await (const item of followCommits({ chain: read, netuid }, { fromBlock, toBlock })) commits.push(item);
  return commits;
}

async function show(session: Session, named: string | undefined, options: { block?: number }): Promise<number> {
  const hotkey = named ?? (await hotkeyOf(session.settings)).address;
  const { netuid } = session.settings.values;
  const { block, held } = await withChain(session, async (chain) => {
    const block = options.block ?? (await chain.finalized()).number;
    return { block, held: await chain.heldCommit(netuid, hotkey, block) };
  });
  const commitment = held === null ? null : decodeCommitment(held.data);
  session.out.json({
    netuid,
    hotkey,
    at_block: block,
    made_at_block: held?.block ?? null,
    data: held?.data ?? null,
    commitment,
  });
  if (held === null || commitment === null) {
    session.out.line(`${hotkey} has no commitment on subnet ${netuid} at block ${block}.`);
    return EXIT.failure;
  }
  session.out.table({
    columns: ['field', 'value'],
    rows: [['hotkey', hotkey], ['block', held.block], ['text', held.data], ...Object.entries(commitment)].map(
      ([field, value]): Cell[] => [field ?? '', String(value)],
    ),
  });
  return EXIT.ok;
}

async function status(session: Session, options: { hotkey?: string }): Promise<void> {
  const hotkey = options.hotkey ?? (await hotkeyOf(session.settings)).address;
  const { netuid } = session.settings.values;
  const budget = await withChain(session, (chain) => chain.budget(netuid, hotkey));
  const fit = fitsBudget(budget, MAX_COMMITMENT_BYTES);
  const left = Math.max(0, budget.maxBytes - budget.usedBytes);
  const commits = Math.floor(left / commitmentCost(MAX_COMMITMENT_BYTES));
  session.out.line(`${hotkey} on subnet ${netuid}, epoch ${budget.epoch}`);
  session.out.line(`${meter(budget.usedBytes, budget.maxBytes)} ${budget.usedBytes} of ${budget.maxBytes} bytes used`);
  if (fit.fits)
    session.out.line(`Room for ${commits} more commits; refills at block ${budget.refillsAtBlock}.`, 'good');
  else
    session.out.line(`Used up: the next commit waits for block ${fit.refillsAtBlock} (now ${budget.atBlock}).`, 'warn');
  session.out.json({ netuid, hotkey, ...budget, left_bytes: left, left_commits: commits, fits: fit.fits });
}

function commitmentCells(commitment: DecodedCommitment): Cell[] {
  if (commitment.kind === 'legacy')
    return [null, null, { text: 'legacy, unverifiable', tone: 'warn' }, commitment.text];
  return [commitment.seq, commitment.rows, commitment.manifest.slice(0, 12), commitment.locator || 'axon'];
}

/** `[######----]` */
function meter(used: number, max: number): string {
  const width = 20;
  const filled = max === 0 ? width : Math.min(width, Math.round((width * used) / max));
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}]`;
}
