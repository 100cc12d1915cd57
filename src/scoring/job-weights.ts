import { PPM } from '../core/units.ts';
import type { JobVote, WantedJob, WantedList } from '../core/wanted.ts';

/** Shares of a vote, in parts of this. */
const SHARE_UNIT = 10n ** 18n;

/**
 * The list with the weights that its owner and the voting validators give its jobs together: the stake-weighted mean of the votes fills
 * `PPM - ownerSharePpm` of each pool's weight, the owner's list fills the rest, and all of it where nobody votes. Only the division within a pool
 * changes, since pools are paid by shares of their own; each pool's sum stays what it was, to the millionth. A vote counts by its division alone: doubling
 * all of its weights changes nothing. Jobs that the list does not have can't be voted in.
 * Source of the idea and of the owner's 30 %: SN13's dynamic desirability. Integers throughout, and the order of votes and stakes decides nothing.
 * @param stakes RAO by validator's address; a vote without stake counts for nothing
 */
export function weighJobs(
  list: WantedList,
  votes: readonly JobVote[],
  stakes: ReadonlyMap<string, bigint>,
  ownerSharePpm: number,
): WantedList {
  const standing = standingVotes(votes).filter(({ validator }) => (stakes.get(validator) ?? 0n) > 0n);
  const weights = new Map<string, number>();
  for (const pool of new Set(list.jobs.map((job) => job.pool))) {
    const jobs = list.jobs.filter((job) => job.pool === pool);
    const given = poolWeights(jobs, standing, stakes, ownerSharePpm);
    jobs.forEach(({ id }, index) => weights.set(id, given[index] ?? 0));
  }
  return { ...list, jobs: list.jobs.map((job) => ({ ...job, weight_ppm: weights.get(job.id) ?? job.weight_ppm })) };
}

/** Each validator's newest vote, by address; of two different ones of the same time neither. */
export function standingVotes<Vote extends JobVote>(votes: readonly Vote[]): Vote[] {
  const newest = new Map<string, Vote | null>();
  for (const vote of [...votes].sort((a, b) => b.at - a.at)) {
    const known = newest.get(vote.validator);
    if (known === undefined) newest.set(vote.validator, vote);
    else if (known !== null && known.at === vote.at && !isSame(known, vote)) newest.set(vote.validator, null);
  }
  return [...newest.values()].filter((vote) => vote !== null).sort((a, b) => (a.validator < b.validator ? -1 : 1));
}

function poolWeights(
  jobs: readonly WantedJob[],
  votes: readonly JobVote[],
  stakes: ReadonlyMap<string, bigint>,
  ownerSharePpm: number,
): number[] {
  const own = jobs.map((job) => BigInt(job.weight_ppm));
  const total = sumOf(own);
  const voted = jobs.map(() => 0n);
  let stakeOfVotes = 0n;
  for (const { validator, weights } of votes) {
    const division = jobs.map((job) =>
      BigInt(Object.hasOwn(weights, job.id) ? (weights[job.id] ?? 0) : job.weight_ppm),
    );
    const whole = sumOf(division);
    // Nothing of a pool to anyone is no division of it.
    if (whole === 0n) continue;
    const stake = stakes.get(validator) ?? 0n;
    stakeOfVotes += stake;
    division.forEach((weight, index) => (voted[index] = (voted[index] ?? 0n) + (stake * weight * SHARE_UNIT) / whole));
  }
  if (stakeOfVotes === 0n || total === 0n) return own.map(Number);
  const [owners, others] = [BigInt(ownerSharePpm), BigInt(PPM - ownerSharePpm)];
  const shares = own.map(
    (weight, index) => (owners * stakeOfVotes * SHARE_UNIT * weight) / total + others * (voted[index] ?? 0n),
  );
  return apportion(total, shares, jobs);
}

/** Divides a sum by shares, in integers: rounded down, and what is left goes to the largest remainders, then by id. */
function apportion(total: bigint, shares: readonly bigint[], jobs: readonly WantedJob[]): number[] {
  const whole = sumOf(shares);
  const parts = shares.map((share, index) => {
    return { index, id: jobs[index]?.id ?? '', part: (total * share) / whole, rest: (total * share) % whole };
  });
  let left = total - sumOf(parts.map(({ part }) => part));
  const byRest = [...parts].sort((a, b) => (a.rest === b.rest ? (a.id < b.id ? -1 : 1) : a.rest > b.rest ? -1 : 1));
  for (const item of byRest) {
    if (left === 0n) break;
    item.part += 1n;
    left -= 1n;
  }
  return parts.map(({ part }) => Number(part));
}

function isSame(a: JobVote, b: JobVote): boolean {
  const ids = Object.keys(a.weights);
  return ids.length === Object.keys(b.weights).length && ids.every((id) => a.weights[id] === b.weights[id]);
}

function sumOf(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}
