import { Block, runTask, taskHandler } from '@acala-network/chopsticks-core';
import type { ApplyExtrinsicResult, Header } from '@polkadot/types/interfaces';
import type { HexString } from '@polkadot/util/types';

export interface AssembledBlock {
  parentHash: HexString;
  number: number;
  extrinsics: HexString[];
  /** Storage as the runtime left it, values that it only read among it. */
  storage: Awaited<ReturnType<Block['storageDiff']>>;
  /** Transactions that were left out, and whether a later block may still take them. */
  left: Map<HexString, 'later' | 'never'>;
}

type Calls = Parameters<typeof runTask>[0]['calls'];
type Answer = Extract<Awaited<ReturnType<typeof runTask>>, { Call: unknown }>['Call'];

const APPLY = 'BlockBuilder_apply_extrinsic';
const ZERO_HASH: HexString = `0x${'0'.repeat(64)}`;

/**
 * Has the runtime make the block after a parent. chopsticks' own `buildBlock` does the same with a task a call; each task compiles the
 * runtime anew, which is most of an empty block's time. Here, what need not be looked at in between is one task.
 */
export async function assembleBlock(
  parent: Block,
  inherents: readonly HexString[],
  transactions: readonly HexString[],
): Promise<AssembledBlock> {
  const [registry, wasm] = await Promise.all([parent.registry, parent.wasm]);
  const number = parent.number + 1;
  const roots = { stateRoot: ZERO_HASH, extrinsicsRoot: ZERO_HASH };
  const header = registry.createType<Header>('Header', {
    parentHash: parent.hash,
    number,
    ...roots,
    digest: { logs: [] },
  });
  const block = new Block(parent.chain, number, ZERO_HASH, parent, { header, extrinsics: [], storage: parent.storage });
  const run = async (...calls: Calls): Promise<Answer> => {
    const task = { wasm, calls, mockSignatureHost: false, allowUnresolvedImports: false, runtimeLogLevel: 0 };
    const response = await runTask(task, taskHandler(block));
    if ('Error' in response) throw new Error(response.Error);
    return response.Call;
  };
  const keep = ({ storageDiff }: Answer): void => block.pushStorageLayer().setAll(storageDiff);

  const begin: Calls = [['Core_initialize_block', [header.toHex()]], ...inherents.map(applying)];
  const end: Calls = [['BlockBuilder_finalize_block', []]];
  const included = [...inherents];
  const left: AssembledBlock['left'] = new Map();
  if (transactions.length === 0) {
    keep(await run(...begin, ...end));
  } else {
    keep(await run(...begin));
    for (const transaction of transactions) {
      // A trap is no answer of the runtime's: what makes it trap once will do so again.
      const answer = await run(applying(transaction)).catch(() => undefined);
      const outcome = answer && registry.createType<ApplyExtrinsicResult>('ApplyExtrinsicResult', answer.result);
      if (answer !== undefined && outcome?.isOk === true) {
        keep(answer);
        included.push(transaction);
      } else {
        const invalid = outcome?.asErr.isInvalid === true ? outcome.asErr.asInvalid : undefined;
        left.set(transaction, invalid?.isFuture || invalid?.isExhaustsResources ? 'later' : 'never');
      }
    }
    keep(await run(...end));
  }
  return { parentHash: parent.hash, number, extrinsics: included, storage: await block.storageDiff(), left };
}

function applying(extrinsic: HexString): Calls[number] {
  return [APPLY, [extrinsic]];
}
