import type { CrawlSource } from '../../core/record.ts';

/** Where the rows of a source that is one service lie. */
const HOSTS_OF: Readonly<Partial<Record<CrawlSource, readonly string[]>>> = {
  hackernews: ['news.ycombinator.com'],
};

/** What is wrong with a host as it is written, and how URLs spell it; null where nothing is. */
export function hostProblem(text: string): string | null {
  const shown = JSON.stringify(text.slice(0, 80));
  const asUrl = text.includes('://') ? text : `http://${text}`;
  const host = URL.canParse(asUrl) ? new URL(asUrl).host : '';
  const spelt = host.replace(/:(?:80|443)$/, '');
  if (spelt === '' || /[\s@]/.test(text)) return `should be a host such as docs.example.org, got ${shown}`;
  return spelt === text ? null : `got ${shown}: write it as URLs spell it, ${spelt}`;
}

/** The hosts of a job that names none: its service's, else those of its seeds. */
export function defaultHosts(source: CrawlSource, seeds: readonly string[]): string[] {
  return [...(HOSTS_OF[source] ?? new Set(seeds.map((seed) => new URL(seed).host)))];
}
