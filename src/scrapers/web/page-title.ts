import { cleanLine } from './clean-text.ts';

/**
 * A page's title without the name of its site (`Install | Docs of X`): the page's heading, where the title is that and a name beside it; else what is
 * left of the site's own name, where the page states that.
 * @param title one line
 * @param headings texts of `h1` elements
 */
export function withoutSiteName(title: string, headings: readonly string[], siteName: string | null): string {
  const names = headings.map((heading) => cleanLine(heading.replace(/\s*[¶#]\s*$/, ''), MAX_LENGTH));
  if (names.includes(title)) return title;
  const parts = title.split(SEPARATOR);
  if (parts.length < 2) return title;
  // Separators stand at odd places; a heading may have one itself.
  for (let cut = 1; cut < parts.length; cut += 2) {
    for (const part of [parts.slice(0, cut).join(''), parts.slice(cut + 1).join('')]) {
      if (names.includes(part) && part !== siteName) return part;
    }
  }
  if (siteName === null) return title;
  if (parts.at(-1) === siteName) return parts.slice(0, -2).join('');
  return parts[0] === siteName ? parts.slice(2).join('') : title;
}

const MAX_LENGTH = 500;
/** What stands between a title and a site's name, kept by `split`. */
const SEPARATOR = /( (?:[|·•»«›‹:–—-]|::) )/;
