import { InvalidArgumentError, type Command } from 'commander';
import { decodeCommitment } from '../../commit/commitment.ts';
import { SOURCES } from '../../core/record.ts';
import { ss58, wholeNumber } from '../arguments.ts';
import { listCommits, type SincePoint } from '../commit-list.ts';
import { commitStatus } from '../commit-status.ts';
import { EXIT } from '../exit-codes.ts';
import type { Act, Session } from '../session.ts';
import type { Cell } from '../table.ts';
import { hotkeyAddressOf } from '../wallet.ts';
import { withChain } from '../with-chain.ts';

const MAX_BLOCK = 4_294_967_295;

export function addCommitCommands(program: Command, act: Act): void {
  const commit = program
    .command('commit')
    .helpCommand(false)
    .summary('commitments on chain')
    .description('Commitments on chain, read from the chain itself or from the index that a validator keeps of them.');
  commit
    .command('list')
    .description('commitments, newest first')
    .option('--hotkey <ss58>', "one hotkey's only", ss58)
    .option('--since <when>', 'from this block on, or this date (2026-06-30, 2026-06-30T12:00Z)', sincePoint)
    .option('--blocks <count>', 'how far back, where --since does not say', wholeNumber(1, 100_000), 300)
    .option('--digest <hex>', 'of this manifest; its first characters do', digestStart)
    .addOption(
      program.createOption('--source <name>', "with rows of this source; in a validator's index").choices([...SOURCES]),
    )
    .option('--legacy', 'only those in no form of ours, such as dataset URLs: nothing of them can be verified')
    .option('--index', "look into the index of the settings' validator, which goes back further, not into the chain")
    .action(act(listCommits));
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
    .description("this epoch's byte budget, what is left of it, and what waits for it")
    .option('--hotkey <ss58>', 'whose (else that of the settings)', ss58)
    .action(act(commitStatus));
}

async function show(session: Session, named: string | undefined, options: { block?: number }): Promise<number> {
  const hotkey = named ?? (await hotkeyAddressOf(session.settings, session.context.terminal));
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
    round: held?.round ?? null,
    commitment,
  });
  if (held === null || commitment === null) {
    session.out.line(`${hotkey} has no commitment on subnet ${netuid} at block ${block}.`);
    return EXIT.failure;
  }
  const content =
    held.kind === 'timelocked' ? [['time-locked', `until round ${held.round}`]] : Object.entries(commitment);
  session.out.table({
    columns: ['field', 'value'],
    rows: [['hotkey', hotkey], ['block', held.block], ['text', held.data], ...content].map(([field, value]): Cell[] => [
      field ?? '',
      String(value),
    ]),
  });
  return EXIT.ok;
}

function sincePoint(text: string): SincePoint {
  if (/^\d{1,10}$/.test(text)) return { block: Number(text) };
  const ms = /^\d{4}-\d{2}-\d{2}(T.*)?$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('should be a block number or an ISO 8601 date.');
  return { timeUs: ms * 1000 };
}

function digestStart(text: string): string {
  if (!/^[0-9a-f]{4,64}$/i.test(text)) throw new InvalidArgumentError('should be 4 to 64 hex characters.');
  return text.toLowerCase();
}
