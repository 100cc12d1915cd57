import type { Session } from './session.ts';

/** Shows what can be crawled by now. */
export async function listSources({ out }: Session): Promise<void> {
  const { createSources, PUBLIC_ORIGINS } = await import('../scrapers/sources.ts');
  const sources = Object.values(createSources(PUBLIC_ORIGINS));
  out.table({
    columns: ['source', 'offers', 'what it is', 'fields that may change'],
    rows: sources.map(({ name, offers, summary, mayChange }) => [
      { text: name, tone: 'strong' },
      offers.join(', '),
      summary,
      [...mayChange].join(' '),
    ]),
  });
  out.json(
    sources.map(({ name, offers, summary, mayChange }) => ({ name, offers, summary, may_change: [...mayChange] })),
  );
}
