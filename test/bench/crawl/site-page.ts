/** Links of a page; each leads to another page of the site. */
const LINKS = 20;
const PARAGRAPHS = 16;
const SENTENCES = 6;

/**
 * The page of a number: about 10 KB of English words in paragraphs, a list, a table and code, and 20 links of which two lead down a tree that
 * holds every page of the site. The same number of the same site is the same page.
 */
export function sitePage(number: number, pages: number): string {
  const random = randomOf(number);
  const words = (count: number): string => Array.from({ length: count }, () => pick(random)).join(' ');
  const sentence = (): string => `${capital(words(8 + Math.floor(random() * 8)))}.`;
  const title = capital(words(5));
  const links = linksOf(number, pages, random).map((to) => `<a href="${to}.html" class="link">${words(3)}</a>`);
  const paragraphs = Array.from({ length: PARAGRAPHS }, (_, at) => {
    const text = Array.from({ length: SENTENCES }, sentence).join(' ');
    const heading = at % 4 === 0 ? `<h2 id="part-${at}">${capital(words(4))}</h2>\n` : '';
    return `${heading}<p class="text">${text} <em>${words(2)}</em>, ${links[4 + at] ?? words(1)}.</p>`;
  });
  const row = (): string => `<tr><td>${words(2)}</td><td>${Math.floor(random() * 1000)}</td></tr>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
<meta name="description" content="${sentence()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="og:title" content="${title}">
<meta property="og:type" content="article">
<meta property="article:published_time" content="2026-01-${String((number % 28) + 1).padStart(2, '0')}T12:00:00Z">
</head>
<body>
<header><nav><ul>${links
    .slice(0, 4)
    .map((link) => `<li>${link}</li>`)
    .join('')}</ul></nav></header>
<main><article>
<h1>${title}</h1>
${paragraphs.join('\n')}
<ul>${Array.from({ length: 6 }, () => `<li>${sentence()}</li>`).join('\n')}</ul>
<table><thead><tr><th>name</th><th>count</th></tr></thead><tbody>${Array.from({ length: 8 }, row).join('\n')}</tbody></table>
<pre><code>${Array.from({ length: 8 }, () => `set ${words(2)} = ${words(1)}`).join('\n')}</code></pre>
</article></main>
<footer><p>${sentence()}</p></footer>
</body>
</html>
`;
}

/** Numbers of other pages, each once. */
function linksOf(number: number, pages: number, random: () => number): number[] {
  const links = new Set([2 * number + 1, 2 * number + 2].filter((to) => to < pages));
  while (links.size < Math.min(LINKS, pages - 1)) {
    const to = Math.floor(random() * pages);
    if (to !== number) links.add(to);
  }
  return [...links];
}

/** Numbers in [0, 1), always the same after one seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function pick(random: () => number): string {
  return WORDS[Math.floor(random() * WORDS.length)] ?? '';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const WORDS = (
  'the of and to in is that for it as with on by this are from or an which you be at not have has one can all more there when ' +
  'their other about into time only some could these may then first any new after people over such water long little world ' +
  'work still own between never place same another while last might great year since against right three house found those ' +
  'point city small number off always without read begin river mountain garden letter window morning evening summer winter ' +
  'history science music market village island machine paper language answer question reason measure distance weather café'
).split(' ');
