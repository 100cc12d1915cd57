import { commitmentCost, fitsBudget } from '../commit/budget.ts';
import { MAX_COMMITMENT_BYTES } from '../commit/commitment.ts';
import { createOutbox, type SealedManifest } from '../commit/outbox.ts';
import { messageOf } from '../core/errors.ts';
import { connectRedis } from '../redis/connect.ts';
import { aboutMinutes, blockMs } from './block-time.ts';
import type { Session } from './session.ts';
import { hotkeyAddressOf } from './wallet.ts';
import { withChain } from './with-chain.ts';

const REDIS_PATIENCE_MS = 2000;

export async function commitStatus(session: Session, options: { hotkey?: string }): Promise<void> {
  const { out, settings } = session;
  const hotkey = options.hotkey ?? (await hotkeyAddressOf(settings, session.context.terminal));
  const { netuid } = settings.values;
  const { budget, eachMs, rateLimit } = await withChain(session, async (chain) => {
    const [budget, eachMs] = await Promise.all([chain.budget(netuid, hotkey), blockMs(chain)]);
    return { budget, eachMs, rateLimit: chain.shape().rateLimit };
  });
  const queue = await waitingOf(settings.values['redis.state_url'], hotkey);
  const fit = fitsBudget(budget, MAX_COMMITMENT_BYTES);
  const left = Math.max(0, budget.maxBytes - budget.usedBytes);
  const commits = Math.floor(left / commitmentCost(MAX_COMMITMENT_BYTES));
  const when = aboutMinutes(budget.refillsAtBlock - budget.atBlock, eachMs);
  out.line(`${hotkey} on subnet ${netuid}, epoch ${budget.epoch}`);
  out.line(`${meter(budget.usedBytes, budget.maxBytes)} ${budget.usedBytes} of ${budget.maxBytes} bytes used`);
  if (rateLimit.kind === 'blocks') out.line('This chain limits commits by blocks, not by bytes.', 'quiet');
  if (fit.fits)
    out.line(`Room for ${commits} more commits; refills at block ${budget.refillsAtBlock}, ${when}.`, 'good');
  else
    out.line(
      `Used up: the next commit waits for block ${fit.refillsAtBlock} (now ${budget.atBlock}), ${when}.`,
      'warn',
    );
  if ('trouble' in queue) out.line(`What waits is not known here: ${queue.trouble}`, 'quiet');
  else if (queue.waiting.length === 0) out.line('No sealed manifest waits.');
  else {
    const rows = queue.waiting.reduce((sum, manifest) => sum + manifest.rows, 0);
    const seqs = queue.waiting.map(({ seq }) => seq).join(', ');
    out.line(`${queue.waiting.length} sealed manifests wait (seq ${seqs}; ${rows} rows).`);
  }
  out.json({
    netuid,
    hotkey,
    ...budget,
    left_bytes: left,
    left_commits: commits,
    fits: fit.fits,
    refills_in_ms: Math.round(Math.max(0, budget.refillsAtBlock - budget.atBlock) * eachMs),
    waiting: 'trouble' in queue ? null : queue.waiting.map(({ digest, seq, rows }) => ({ digest, seq, rows })),
  });
}

/** The miner's queue lies in its `state` Redis, which others who ask for the meter need not have. */
async function waitingOf(url: string, hotkey: string): Promise<{ waiting: SealedManifest[] } | { trouble: string }> {
  try {
    const redis = await connectRedis(url, REDIS_PATIENCE_MS);
    try {
      return { waiting: await createOutbox({ redis, hotkey }).waiting() };
    } finally {
      redis.disconnect();
    }
  } catch (error) {
    return { trouble: messageOf(error) };
  }
}

/** `[######----]` */
function meter(used: number, max: number): string {
  const width = 20;
  const filled = max === 0 ? width : Math.min(width, Math.round((width * used) / max));
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}]`;
}
