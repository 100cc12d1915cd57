import type { ChainCommit, Signer } from '../../core/chain.ts';
import { ExtrinsicRefusedError, NotRegisteredError, SpaceLimitExceededError } from '../chain-errors.ts';
import { fitsBudget } from '../budget.ts';
import type { HeldCommit, Inclusion } from '../chain-port.ts';
import type { Blocks } from './blocks.ts';
import { readBudget } from './epochs.ts';
import { finality } from './submit.ts';
import type { Submit } from './submit.ts';
import type { View } from './storage.ts';

/** A commitment in storage, in the library's JSON form: each field under the name of its variant. */
interface Registration {
  block: number;
  info: { fields: Record<string, unknown>[] };
}

/** What a hotkey has committed at the view's block. */
export async function readHeld(view: View, netuid: number, hotkey: string): Promise<HeldCommit | null> {
  const held = (await view.get('commitments', 'commitmentOf', netuid, hotkey)) as Registration | null;
  return held === null ? null : { data: textOf(held), block: Number(held.block) };
}

export async function readCommits(view: View, netuid: number): Promise<ChainCommit[]> {
  const last = new Map<string, number>();
  (await view.events()).forEach(({ pallet, name, data: [subnet, who] }, index) => {
    if (pallet === 'commitments' && name === 'Commitment' && subnet === netuid) last.set(String(who), index);
  });
  const commits: ChainCommit[] = [];
  for (const [hotkey, event] of last) {
    const uid = await readUid(view, netuid, hotkey);
    const held = await readHeld(view, netuid, hotkey);
    // A hotkey that lost its place within the block has no claim to anything.
    if (uid === null || held === null) continue;
    const registered = Number(await view.get('subtensorModule', 'blockAtRegistration', netuid, uid));
    const { number: block, hash: blockHash } = view.block;
    commits.push({ netuid, hotkey, registered, uid, block, blockHash, event, data: held.data });
  }
  return commits.sort((a, b) => a.event - b.event);
}

export async function readUid(view: View, netuid: number, hotkey: string): Promise<number | null> {
  return (await view.get('subtensorModule', 'uids', netuid, hotkey)) as number | null;
}

/** See Chain.commit. */
export async function commit(
  submit: Submit,
  blocks: Blocks,
  request: { netuid: number; data: string; signer: Signer },
): Promise<Inclusion> {
  const { netuid, data, signer } = request;
  const hotkey = signer.address;
  const bytes = new TextEncoder().encode(data);
  const inclusionIn = async (number: number): Promise<Inclusion | null> => {
    await finality(blocks, number);
    return await blocks.at(number, async (view) => {
      const found = (await readCommits(view, netuid)).find((item) => item.hotkey === hotkey && item.data === data);
      return found === undefined ? null : { block: view.block, event: found.event };
    });
  };
  for (;;) {
    const number = await sendOnce();
    const inclusion = await inclusionIn(number);
    if (inclusion !== null) return inclusion; // otherwise its block was replaced
  }

  /** The block that holds the commitment, sent now or before. */
  async function sendOnce(): Promise<number> {
    try {
      return await submit({
        pallet: 'commitments',
        call: 'setCommitment',
        args: [netuid, { fields: [{ [`Raw${bytes.length}`]: `0x${Buffer.from(bytes).toString('hex')}` }] }],
        signer,
        settled: async (view) => {
          const held = await readHeld(view, netuid, hotkey);
          return held?.data === data ? held.block : null;
        },
        preflight: async (view) => {
          if ((await readUid(view, netuid, hotkey)) === null) throw new NotRegisteredError(netuid, hotkey);
          const budget = await readBudget(view, netuid, hotkey);
          if (!fitsBudget(budget, bytes.length).fits) throw new SpaceLimitExceededError(bytes.length, budget);
        },
        result: (block) => Promise.resolve(block.number),
      });
    } catch (error) {
      throw await named(error);
    }
  }

  /** The error of its own that a refusal by the pallet has. */
  async function named(error: unknown): Promise<unknown> {
    if (!(error instanceof ExtrinsicRefusedError)) return error;
    const { refusal } = error.details;
    if (refusal === 'commitments.AccountNotAllowedCommit') return new NotRegisteredError(netuid, hotkey);
    if (refusal !== 'commitments.SpaceLimitExceeded') return error;
    return new SpaceLimitExceededError(
      bytes.length,
      await blocks.at(undefined, (view) => readBudget(view, netuid, hotkey)),
    );
  }
}

/** The bytes of all Raw fields, joined, as text; bytes that are no UTF-8 come out as U+FFFD. */
function textOf({ info }: Registration): string {
  const parts = info.fields.flatMap((field) =>
    Object.entries(field)
      .filter(([kind]) => /^(?:raw\d+|bigRaw)$/i.test(kind))
      .map(([, hex]) => Buffer.from(String(hex).replace(/^0x/, ''), 'hex')),
  );
  return Buffer.concat(parts).toString('utf8');
}
