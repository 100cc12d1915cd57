import { z } from 'zod';
import { parseCanonicalJson } from '../core/canonical-json.ts';
import { MAX_JOB_WEIGHT_PPM } from '../core/wanted.ts';
import type { JobVote } from '../core/wanted.ts';
import { isSignedBy } from './signed-json.ts';
import type { Signed } from './signed-json.ts';

const jobVote = z.strictObject({
  version: z.literal(1),
  netuid: z.int().min(0),
  validator: z.string(),
  at: z.int().min(0),
  weights: z.record(z.string().max(64), z.int().min(0).max(MAX_JOB_WEIGHT_PPM)),
  signature: z.string(),
});

/** A vote on what jobs weigh, as its validator signed it; else why it is none. */
export async function readJobVote(
  text: string,
  netuid: number,
): Promise<{ vote: Signed<JobVote> } | { vote: null; why: string }> {
  let value: unknown;
  try {
    value = parseCanonicalJson(text);
  } catch {
    return { vote: null, why: 'it is no canonical JSON' };
  }
  const { success, data } = jobVote.safeParse(value);
  if (!success) return { vote: null, why: 'it has not the members of a vote' };
  if (data.netuid !== netuid) return { vote: null, why: `it is of subnet ${data.netuid}` };
  const isSigned = await isSignedBy(data, data.validator).catch(() => false);
  return isSigned ? { vote: data } : { vote: null, why: 'its signature is not that of its validator' };
}
