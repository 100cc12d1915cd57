import { WEIGHTS_VERSION_KEY } from '../../core/version.ts';
import type { Command } from 'commander';
import { weightShares } from '../../commit/weights.ts';
import { SeineError } from '../../core/errors.ts';
import { wholeNumber } from '../arguments.ts';
import { aboutMinutes, blockMs } from '../block-time.ts';
import { EXIT } from '../exit-codes.ts';
import type { Act, Session } from '../session.ts';
import { hotkeyAddressOf } from '../wallet.ts';
import { withChain } from '../with-chain.ts';

export function addWeightsCommands(program: Command, act: Act): void {
  const weights = program
    .command('weights')
    .helpCommand(false)
    .summary('weights on chain')
    .description('Weights on chain. "seine validator" sets them by itself at the end of each epoch.');
  weights
    .command('show')
    .description('the weights that a validator has on chain')
    .option('--uid <n>', 'whose (else that of the settings)', wholeNumber(0, 65_535))
    .action(act(show));
  weights
    .command('check')
    .description('whether the chain would take weights of the hotkey now; what is in the way, and when that passes')
    .action(act(check));
}

async function show(session: Session, options: { uid?: number }): Promise<void> {
  const { netuid } = session.settings.values;
  const own = options.uid === undefined ? await hotkeyAddressOf(session.settings, session.context.terminal) : null;
  const { validator, weights, neurons, head } = await withChain(session, async (chain) => {
    const head = await chain.head();
    const neurons = await chain.metagraph(netuid, head.number);
    const validator = neurons.find((item) => (own === null ? item.uid === options.uid : item.hotkey === own));
    if (validator === undefined)
      throw new SeineError('NotRegistered', `${own ?? `uid ${options.uid}`} is not registered on subnet ${netuid}`);
    return { head, neurons, validator, weights: await chain.weights(netuid, validator.uid, head.number) };
  });
  const shares = weightShares(weights);
  const hotkeyOfUid = (uid: number): string => neurons.find((item) => item.uid === uid)?.hotkey ?? '';
  session.out.table({
    title: `Weights of uid ${validator.uid} (${validator.hotkey}), block ${head.number}`,
    columns: ['uid', 'hotkey', 'value', 'share'],
    rows: weights.map(([uid, value]) => [
      uid,
      hotkeyOfUid(uid),
      value,
      `${(100 * (shares.get(uid) ?? 0)).toFixed(2)} %`,
    ]),
  });
  if (weights.length === 0) session.out.line('none');
  const ago = head.number - validator.lastUpdate;
  session.out.line(`Last set or committed at block ${validator.lastUpdate}, ${ago} blocks ago.`, 'quiet');
  session.out.json({
    netuid,
    block: head.number,
    uid: validator.uid,
    hotkey: validator.hotkey,
    last_update: validator.lastUpdate,
    weights: weights.map(([uid, value]) => ({ uid, value, share: shares.get(uid) ?? 0 })),
  });
}

/** Asks for weights on everybody alike: whom they go to changes nothing about whether they may be set. */
async function check(session: Session): Promise<number> {
  const { netuid } = session.settings.values;
  const hotkey = await hotkeyAddressOf(session.settings, session.context.terminal);
  const found = await withChain(session, async (chain) => {
    const uids = (await chain.metagraph(netuid)).map(({ uid }) => uid);
    const request = { netuid, uids, weights: uids.map(() => 65_535), versionKey: WEIGHTS_VERSION_KEY };
    const [obstacles, subnet, head, eachMs] = await Promise.all([
      chain.weightObstacles(request, hotkey),
      chain.hyperparameters(netuid),
      chain.head(),
      blockMs(chain),
    ]);
    return { obstacles, road: subnet?.commitReveal === true ? 'timelocked' : 'plain', block: head.number, eachMs };
  });
  const { out } = session;
  out.line(`${hotkey} on subnet ${netuid}, block ${found.block}, ${found.road} weights`);
  if (found.obstacles.length === 0) out.line('Weights would pass now.', 'good');
  else
    out.table({
      columns: ['rule', 'in the way', 'passes'],
      rows: found.obstacles.map(({ rule, message, passesAtBlock }) => [
        rule,
        message,
        passesAtBlock === null
          ? { text: 'not by waiting', tone: 'bad' }
          : `block ${passesAtBlock}, ${aboutMinutes(passesAtBlock - found.block, found.eachMs)}`,
      ]),
    });
  out.json({ netuid, hotkey, block: found.block, road: found.road, obstacles: found.obstacles });
  return found.obstacles.length === 0 ? EXIT.ok : EXIT.failure;
}
