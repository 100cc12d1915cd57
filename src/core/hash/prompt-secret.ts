import { InvalidInputError } from '../errors.ts';
import { sha256Hex } from './sha256.ts';

/*
 * A validator's secret of a period (DESIGN.md, rule 5): its digest is anchored before the block whose hash seeds the prompts is known, the secret is
 * published after. Nobody foresees prompts, and the validator can't choose them.
 */

/** What a validator publishes once a period is over. */
export interface SecretReveal {
  /** SS58 address; in the digest, so that nobody anchors another's digest as its own. */
  validator: string;
  /** Number of the period; in the digest, so that a secret serves once. */
  period: number;
  /** 64 lower-case hex characters. */
  secret: string;
}

/** A digest on chain. */
export interface AnchoredSecret {
  validator: string;
  period: number;
  /** 64 lower-case hex characters. */
  digest: string;
  /** Block that anchored it. */
  block: number;
}

/** Why a published secret does not prove the prompts of its period. */
export type RevealFault = 'other_validator' | 'other_period' | 'not_a_secret' | 'wrong_digest' | 'anchored_too_late';

/** A secret of 32 random bytes. @param bytes from a source of randomness that nobody foresees */
export function secretOf(bytes: Uint8Array): string {
  if (bytes.length !== 32) throw new InvalidInputError(`a secret has 32 bytes, not ${bytes.length}`);
  return Buffer.from(bytes).toString('hex');
}

/** The digest that is anchored. Throws InvalidInputError for what is no secret. */
export function secretDigest({ validator, period, secret }: SecretReveal): string {
  if (!isSecret(secret)) throw new InvalidInputError('a secret is 64 lower-case hex characters');
  return sha256Hex(`seine-prompt-secret.${validator}.${period}.${secret}`);
}

/**
 * Why a published secret proves nothing; null where it proves that it was fixed before the seeding block.
 * @param seedBlock the block whose hash is in the prompts' seeds
 */
export function revealFault(anchored: AnchoredSecret, reveal: SecretReveal, seedBlock: number): RevealFault | null {
  if (reveal.validator !== anchored.validator) return 'other_validator';
  if (reveal.period !== anchored.period) return 'other_period';
  if (!isSecret(reveal.secret)) return 'not_a_secret';
  if (secretDigest(reveal) !== anchored.digest) return 'wrong_digest';
  return anchored.block < seedBlock ? null : 'anchored_too_late';
}

function isSecret(secret: string): boolean {
  return /^[0-9a-f]{64}$/.test(secret);
}
