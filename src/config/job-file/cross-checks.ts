import { momentUs } from '../../core/wanted.ts';
import type { JobProblem } from './errors.ts';
import { hostProblem } from './hosts.ts';

type Table = Record<string, unknown>;

/** What is wrong between members. Members that are wrong by themselves are passed over: they have been told of. */
export function crossProblems(raw: unknown): JobProblem[] {
  if (!isTable(raw)) return [];
  return [...startProblems(raw), ...hostProblems(raw), ...scheduleProblems(raw['schedule'])];
}

function startProblems({ source, seeds, queries }: Table): JobProblem[] {
  const [starts, searches] = [textsOf(seeds), textsOf(queries)];
  if (source === 'hackernews') {
    if (starts.length + searches.length > 0) return [];
    return [{ place: 'seeds', why: 'nothing to start from: write seeds such as ["topstories"], or queries' }];
  }
  if (source !== 'web' && source !== 'rss') return [];
  const none = { place: 'seeds', why: 'nothing to start from: write seeds = ["https://…"]' };
  const searching = { place: 'queries', why: `${source} can't search: leave them out` };
  const isEmpty = seeds === undefined || (Array.isArray(seeds) && seeds.length === 0);
  return [
    ...(isEmpty ? [none] : []),
    ...starts.flatMap(([index, seed]) => (isWebUrl(seed) ? [] : [urlProblem(index, seed)])),
    ...(searches.length > 0 ? [searching] : []),
  ];
}

function urlProblem(index: number, seed: string): JobProblem {
  const why = `should be an http(s) URL such as https://docs.example.org/, got ${JSON.stringify(seed.slice(0, 80))}`;
  return { place: `seeds[${index}]`, why };
}

function hostProblems({ source, seeds, hosts, allow_private: allowed }: Table): JobProblem[] {
  const known = textsOf(hosts).map(([, host]) => host);
  const starts = source === 'hackernews' ? [] : textsOf(seeds).filter(([, seed]) => isWebUrl(seed));
  const wanted = hosts === undefined ? starts.map(([, seed]) => new URL(seed).host) : known;
  // While one of the hosts is wrong, which seeds it was meant for can't be told.
  const areRight = known.length > 0 && known.every((host) => hostProblem(host) === null);
  const outside = !areRight ? [] : starts.filter(([, seed]) => !known.includes(new URL(seed).host));
  return [
    ...(Array.isArray(hosts) && hosts.length === 0
      ? [{ place: 'hosts', why: 'no host may be fetched from: name some, or leave hosts out for those of the seeds' }]
      : []),
    ...outside.map(([index, seed]) => ({
      place: `seeds[${index}]`,
      why: `its host is not in hosts: add ${new URL(seed).host} there`,
    })),
    ...textsOf(allowed)
      .filter(([, host]) => !wanted.includes(host))
      .map(([index, host]) => ({ place: `allow_private[${index}]`, why: `${host} is none of the job's hosts` })),
  ];
}

function scheduleProblems(schedule: unknown): JobProblem[] {
  if (!isTable(schedule)) return [];
  const { every, cron, timezone, jitter, from, until, runs } = schedule;
  const problem = (place: string, why: string): JobProblem => ({ place: `schedule.${place}`, why });
  const neither = every === undefined && cron === undefined;
  const extra = Object.entries({ jitter, from, until, runs }).find(([, value]) => value !== undefined)?.[0];
  return [
    ...(every !== undefined && cron !== undefined ? [problem('cron', 'every says when already: leave one')] : []),
    ...(timezone !== undefined && cron === undefined ? [problem('timezone', 'is for cron only: leave it out')] : []),
    ...(neither && extra !== undefined
      ? [problem(extra, 'there is nothing to run: write every = "6h" or cron = "0 3 * * *"')]
      : []),
    ...(isMoment(from) && isMoment(until) && momentUs(from) >= momentUs(until)
      ? [problem('until', 'it ends before it begins')]
      : []),
  ];
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The texts of a list with their places. */
function textsOf(value: unknown): [index: number, text: string][] {
  if (!Array.isArray(value)) return [];
  return [...value.entries()].filter((entry): entry is [number, string] => typeof entry[1] === 'string');
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
}

function isMoment(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
