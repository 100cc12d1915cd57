import type { Plan } from '../chain-port.ts';
import type { Blocks } from './blocks.ts';
import type { Connection } from './connection.ts';
import { nameOf } from './submission.ts';
import type { Submission } from './submission.ts';
import { extrinsicOf } from './submit.ts';

/** See Chain.plan. */
export async function planOf<T>(connection: Connection, blocks: Blocks, submission: Submission<T>): Promise<Plan> {
  return await blocks.at(undefined, async (view) => {
    const done = ((await submission.settled?.(view)) ?? null) !== null;
    const { obstacles } = (await submission.preflight?.(view)) ?? { obstacles: [] };
    const call = await submission.build(view);
    const extrinsic = extrinsicOf(connection.api, call);
    const { partialFee } = await extrinsic.paymentInfo(submission.address);
    const args = extrinsic.method.meta.args.map(({ name }, at) => [name.toString(), extrinsic.args[at]?.toJSON()]);
    return {
      call: nameOf(call),
      args: Object.fromEntries(args) as Record<string, unknown>,
      signer: submission.address,
      feeRao: partialFee.toBigInt(),
      obstacles: done ? [] : obstacles,
      done,
    };
  });
}
