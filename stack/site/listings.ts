import type { SiteDocument } from './collect.ts';
import { escapeHtml, htmlPage, linkList } from './html.ts';

/** Pages that lead to the documents, made of those that are there now. */

const DOCUMENTS_PER_LISTING = 100;
const FEED_ENTRIES = 50;
export const PRIVATE_PATH = '/private/notes';

export interface Listed {
  document: SiteDocument;
  modifiedMs: number;
}

export function indexPage(listed: readonly Listed[], scripted: readonly SiteDocument[]): string {
  const count = Math.ceil(listed.length / DOCUMENTS_PER_LISTING);
  const listings = Array.from({ length: count }, (_, index) => ({
    href: `/pages/${index + 1}`,
    text: `Documents ${index * DOCUMENTS_PER_LISTING + 1} to ${Math.min(listed.length, (index + 1) * DOCUMENTS_PER_LISTING)}`,
  }));
  const body = `<main>
<h1>Documentation of installed packages</h1>
<p>${listed.length} documents.</p>
${linkList(listings)}
<h2>Shown by scripts</h2>
${linkList(scripted.map(linkTo))}
<h2>More</h2>
${linkList([
  { href: '/sitemap.xml', text: 'Site map' },
  { href: '/feed.xml', text: 'Feed' },
  { href: PRIVATE_PATH, text: 'Private notes, which robots are asked not to read' },
])}
</main>`;
  return htmlPage({ title: 'Documentation of installed packages', body });
}

/** Listing `number`, from 1; null where there is none. */
export function listingPage(listed: readonly Listed[], number: number): string | null {
  const start = (number - 1) * DOCUMENTS_PER_LISTING;
  const own = listed.slice(start, start + DOCUMENTS_PER_LISTING);
  if (number < 1 || own.length === 0) return null;
  const next = start + DOCUMENTS_PER_LISTING < listed.length ? [{ href: `/pages/${number + 1}`, text: 'Next' }] : [];
  const body = `<main>
<h1>Documents from ${start + 1}</h1>
${linkList(own.map(({ document }) => linkTo(document)))}
<nav>${linkList([{ href: '/', text: 'Index' }, ...next])}</nav>
</main>`;
  return htmlPage({ title: `Documents from ${start + 1}`, body });
}

export function privatePage(): string {
  const text =
    'These notes are private. robots.txt asks that no robot read them, so no dataset should hold this sentence.';
  return htmlPage({ title: 'Private notes', body: `<article><h1>Private notes</h1><p>${text}</p></article>` });
}

export function robotsTxt(url: string): string {
  return `User-agent: *\nCrawl-delay: 0.02\nDisallow: /private/\nSitemap: ${url}/sitemap.xml\n`;
}

/** Format: sitemaps.org, version 0.9. */
export function sitemapXml(url: string, listed: readonly Listed[]): string {
  const entries = listed.map(
    ({ document, modifiedMs }) =>
      `<url><loc>${escapeHtml(url + document.path)}</loc><lastmod>${new Date(modifiedMs).toISOString()}</lastmod></url>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${entries.join('\n')}
</urlset>
`;
}

/** Atom (RFC 4287) of what changed last. It states no `published`: nobody knows when these documents were. */
export function atomFeed(url: string, listed: readonly Listed[]): string {
  const newest = [...listed].sort((a, b) => b.modifiedMs - a.modifiedMs).slice(0, FEED_ENTRIES);
  const entries = newest.map(({ document, modifiedMs }) => {
    const href = escapeHtml(url + document.path);
    return `<entry>
<id>${href}</id>
<title>${escapeHtml(linkTo(document).text)}</title>
<link href="${href}"/>
<updated>${new Date(modifiedMs).toISOString()}</updated>
<author><name>${escapeHtml(document.package.author ?? document.package.id)}</name></author>
</entry>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>${url}/</id>
<title>Documentation of installed packages</title>
<link rel="self" href="${url}/feed.xml"/>
<updated>${new Date(newest[0]?.modifiedMs ?? 0).toISOString()}</updated>
${entries.join('\n')}
</feed>
`;
}

export function linkTo(document: SiteDocument): { href: string; text: string } {
  return { href: document.path, text: `${document.package.id}: ${document.file}` };
}
