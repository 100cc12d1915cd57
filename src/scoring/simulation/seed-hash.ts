import { sha256Hex } from '../../core/hash/sha256.ts';

/** Hash of the block after an epoch's fetch deadline, by which its samples are drawn. */
export function seedHash(seed: string, epoch: number): string {
  return sha256Hex(`${seed}.after-deadline.${epoch}`);
}

/** The newest hash that a miner can know when it commits. */
export function guessHash(seed: string, epoch: number): string {
  return sha256Hex(`${seed}.before-commit.${epoch}`);
}
