import { join } from 'node:path';
import { createEvidenceLog } from '../../commit/evidence-log.ts';
import { createFileStore } from '../../datasets/storage.ts';
import { connectRedis } from '../../redis/connect.ts';
import type { Session } from '../session.ts';
import { hotkeyAddressOf } from '../wallet.ts';

/** Shows which epochs this validator has scored, and the file of each one's evidence. */
export async function listScores({ context, out, settings }: Session): Promise<void> {
  const { values } = settings;
  const hotkey = await hotkeyAddressOf(settings, context.terminal);
  const store = createFileStore(join(values.home, 'operators', hotkey.slice(0, 8), 'objects'));
  const redis = await connectRedis(values['redis.index_url']);
  try {
    const scored = await createEvidenceLog({ redis, hotkey, netuid: values.netuid }).all();
    const epochs = scored.map((item) => ({ ...item, file: store.path(item.digest) }));
    out.table({
      columns: ['epoch', 'weights since block', 'evidence'],
      rows: epochs.map(({ epoch, weightsBlock, file, digest }) => [
        epoch,
        weightsBlock ?? { text: 'not set', tone: 'warn' },
        file ?? { text: `${digest} is not on this machine`, tone: 'warn' },
      ]),
    });
    if (epochs.length === 0) out.line(`${hotkey} has scored no epoch of subnet ${values.netuid} yet`);
    out.json({
      hotkey,
      netuid: values.netuid,
      epochs: epochs.map(({ epoch, digest, weightsBlock, file }) => ({
        epoch,
        digest,
        weights_block: weightsBlock,
        file,
      })),
    });
  } finally {
    redis.disconnect();
  }
}
