import type { DeadLetters, Requeued } from '../scrapers/frontier/dead-letters.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

/** Gives the dead letters of a job's frontier to some work. */
export type WithDeadLetters = <T>(
  session: Session,
  job: string,
  work: (letters: DeadLetters) => Promise<T>,
) => Promise<T>;

/** Letters that one look may pass over to find those of a reason. */
const MOST_LOOKED_AT = 100_000;
const PAGE = 1000;

/** Lists URLs that were given up, oldest first. */
export async function listDead(
  session: Session,
  job: string,
  options: { reason?: string; limit: number },
  withLetters: WithDeadLetters,
): Promise<void> {
  const { out } = session;
  const { reason, limit } = options;
  const found = await withLetters(session, job, async (box) => {
    const wanted = [];
    let cursor: string | null = null;
    for (let looked = 0; wanted.length < limit && looked < MOST_LOOKED_AT; looked += PAGE) {
      const page = await box.dead(cursor === null ? { count: PAGE } : { count: PAGE, cursor });
      wanted.push(...page.letters.filter((letter) => reason === undefined || letter.reason === reason));
      cursor = page.next;
      if (cursor === null) break;
    }
    return wanted;
  });
  const letters = found.slice(0, limit);
  out.table({
    columns: ['url', 'reason', 'tries', 'depth', 'given up'],
    rows: letters.map(({ url, reason, attempts, depth, atMs }) => [
      ...[url, reason, attempts, depth],
      `${new Date(atMs).toISOString().slice(0, 19)}Z`,
    ]),
  });
  if (letters.length === 0)
    out.line(`No URL of ${job} was given up${reason === undefined ? '' : ` because of ${reason}`}.`);
  else if (found.length > limit) out.line('There are more: --limit shows them.', 'quiet');
  out.json(letters.map(({ atMs, ...letter }) => ({ ...letter, at: new Date(atMs).toISOString() })));
}

/** Has URLs that were given up fetched anew, by the next run. */
export async function requeueDead(
  session: Session,
  job: string,
  options: { url?: string[]; reason?: string; all?: boolean; dryRun?: boolean },
  withLetters: WithDeadLetters,
): Promise<void> {
  const { out } = session;
  const which = requeued(options);
  const done = options.dryRun !== true;
  const what =
    which === 'all' ? 'all' : 'urls' in which ? which.urls.join(' ') : `those given up because of ${which.reason}`;
  const count = done ? await withLetters(session, job, (letters) => letters.requeue(which)) : null;
  out.line(
    done ? `${count} URLs of ${job} wait to be fetched anew.` : `Would have URLs of ${job} fetched anew: ${what}.`,
  );
  out.json({ job, requeued: count, done });
}

function requeued({ url = [], reason, all }: { url?: string[]; reason?: string; all?: boolean }): Requeued {
  const named = [url.length > 0, reason !== undefined, all === true].filter(Boolean).length;
  if (named !== 1) throw new UsageError('say which: --url URL (may be repeated), --reason WORD, or --all; one of them');
  if (reason !== undefined) return { reason };
  return all === true ? 'all' : { urls: url };
}
