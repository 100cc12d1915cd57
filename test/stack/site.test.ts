import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as cheerio from 'cheerio';
import { JSDOM } from 'jsdom';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Ageing } from '../../stack/site/ageing.ts';
import { renderArticle } from '../../stack/site/article.ts';
import { collectDocuments } from '../../stack/site/collect.ts';
import type { SiteDocument } from '../../stack/site/collect.ts';
import { startSite } from '../../stack/site/site.ts';
import type { Site, SiteOptions } from '../../stack/site/site.ts';

const LONG = 'A sentence that says something about this package. '.repeat(12);

let root: string;
let site: Site | undefined;

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), text);
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'seine-site-'));
  await write(
    'alpha/package.json',
    JSON.stringify({ author: 'Ann A <ann@example.org> (home)', dependencies: { beta: '1' } }),
  );
  await write('alpha/README.md', `# Alpha\n\n<img src="logo.png" onerror="steal()"> ![](../../secret.png)\n\n${LONG}`);
  await write('alpha/logo.png', 'not really an image');
  await write('alpha/CHANGELOG.md', `# Changes & "more" <b>\n\n${LONG}`);
  await write('alpha/docs/deep guide.md', `${LONG}\n\n## Deep`);
  await write('alpha/short.md', 'too short');
  await write('alpha/.hidden/README.md', LONG);
  await write('alpha/node_modules/beta/package.json', JSON.stringify({ author: { name: 'Bea' } }));
  await write('alpha/node_modules/beta/README.md', `# Beta inside\n\n${LONG}`);
  await write('beta/README.md', `# Beta outside\n\n${LONG}`);
  await write(
    '@scope/gamma/package.json',
    JSON.stringify({ maintainers: [{ name: 'Gus <b>' }], dependencies: { beta: '1' } }),
  );
  await write(
    '@scope/gamma/index.html',
    `<title>Gamma</title><body><header>menu</header><main><script>evil()</script><p onclick="evil()">${LONG}</p></main>`,
  );
  await write('@scope/gamma/huge.html', `<p>${'x'.repeat(200_001)}</p>`);
  for (let index = 0; index < 120; index += 1) await write(`many-${index}/README.md`, `# Number ${index}\n\n${LONG}`);
  await write('secret.png', 'outside of every package');
});
afterAll(() => rm(root, { recursive: true }));
afterEach(async () => {
  await site?.close();
  site = undefined;
});

async function start(over: Partial<SiteOptions> = {}): Promise<Site> {
  site = await startSite({ root, port: 0, log: () => undefined, ...over });
  return site;
}

async function get(path: string): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(new URL(path, site?.url));
  return { status: response.status, text: await response.text(), headers: response.headers };
}

describe('collecting documents', () => {
  it('takes every package once before any twice, the same each time', () => {
    const paths = collectDocuments(root, 600).map(({ path }) => path);
    expect(paths).toEqual(collectDocuments(root, 600).map(({ path }) => path));
    expect(paths).toHaveLength(126);
    expect(paths.slice(0, 4)).toEqual([
      '/docs/@scope/gamma/index.html',
      '/docs/alpha/README.md',
      '/docs/alpha/node_modules/beta/README.md',
      '/docs/beta/README.md',
    ]);
    expect(paths.slice(-2)).toEqual(['/docs/alpha/CHANGELOG.md', '/docs/alpha/docs/deep%20guide.md']);
    expect(collectDocuments(root, 3).map(({ path }) => path)).toEqual(paths.slice(0, 3));
  });

  it('reads authors as names only', () => {
    const authors = new Map(
      collectDocuments(root, 600).map((document) => [document.package.id, document.package.author]),
    );
    expect(authors.get('alpha')).toBe('Ann A');
    expect(authors.get('alpha/node_modules/beta')).toBe('Bea');
    expect(authors.get('@scope/gamma')).toBe('Gus');
    expect(authors.get('beta')).toBe(null);
  });

  it('finds hundreds in our own dependencies', () => {
    const documents = collectDocuments(join(import.meta.dirname, '../../node_modules'), 600);
    expect(documents.length).toBeGreaterThan(300);
    const authors = new Set(documents.map((document) => document.package.author));
    expect(authors.size).toBeGreaterThan(80);
    expect(new Set(documents.map(({ source }) => source)).size).toBeLessThan(documents.length);
  });
});

describe('rendering', () => {
  const render = (source: string, format: SiteDocument['format'] = 'markdown') =>
    renderArticle(
      {
        path: '/docs/a/x.md',
        package: { id: 'a', dir: '/nowhere', author: null, dependencies: [] },
        file: 'docs/x.md',
        format,
        source,
      },
      (file) => (file === 'img/logo.png' ? '/files/a/img/logo.png' : null),
    );

  it.each([
    '<script>evil()</script>',
    '<img src=x onerror=evil()>',
    '<a href="java\nscript:evil()">x</a>',
    '[x](javascript:evil())',
    '<a href="&#106;avascript:evil()">x</a>',
    '<svg><script>evil()</script></svg>',
    '<iframe srcdoc="<script>evil()</script>"></iframe>',
    '<p style="background:url(evil())">x</p>',
    '<form action="evil()"><button formaction="evil()">x</button></form>',
    '<!-- <script>evil()</script> -->',
    '<math><mtext><table><mglyph><style><img src=x onerror=evil()>',
    '<noscript><p title="</noscript><img src=x onerror=evil()>">',
  ])('leaves nothing that runs of %s', (source) => {
    for (const format of ['markdown', 'html'] as const) {
      const { window } = new JSDOM(render(`text\n\n${source}`, format).html);
      const found = [...window.document.querySelectorAll('*')].flatMap((element) => [
        ...(/^(script|style|iframe|svg|math|form)$/i.test(element.tagName) ? [element.tagName] : []),
        ...[...element.attributes].filter(({ name, value }) => /^on|style|srcdoc/.test(name) || /script:/i.test(value)),
      ]);
      expect(found).toEqual([]);
    }
  });

  it('serves images of the package, and leaves others as they are', () => {
    const { html } = render(
      '![](../img/logo.png) ![](../img/none.png) ![](http://example.org/a.png) ![](../../b/c.png)',
    );
    const sources = cheerio
      .load(html)('img')
      .toArray()
      .map((image) => image.attribs.src);
    expect(sources).toEqual(['/files/a/img/logo.png', '../img/none.png', 'http://example.org/a.png', '../../b/c.png']);
  });

  it('takes the title from the document', () => {
    expect(render('# The *first* `heading`').title).toBe('The first heading');
    expect(render('no heading').title).toBe('a: docs/x.md');
    expect(render('<title>T &amp; t</title><h1>H</h1>', 'html').title).toBe('T & t');
  });
});

describe('the site', () => {
  it('serves a document with title, author, canonical URL and validators', async () => {
    const { url, pages, hosts } = await start({ scriptedPages: 0 });
    expect([pages, hosts]).toEqual([126, [new URL(url).host]]);
    const { status, text, headers } = await get('/docs/alpha/README.md');
    const $ = cheerio.load(text);
    expect(status).toBe(200);
    expect($('title').text()).toBe('Alpha');
    expect($('meta[name=author]').attr('content')).toBe('Ann A');
    expect($('link[rel=canonical]').attr('href')).toBe(`${url}/docs/alpha/README.md`);
    expect($('article').text()).toContain(LONG.trim());
    expect($('article img').attr('src')).toBe('/files/alpha/logo.png');
    expect($('time').length).toBe(0);
    expect(Date.parse(headers.get('last-modified') ?? '')).not.toBeNaN();
    const again = await fetch(`${url}/docs/alpha/README.md`, {
      headers: { 'if-none-match': headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
    expect((await get('/docs/alpha/docs/deep%20guide.md')).status).toBe(200);
  });

  it('links to dependencies as Node resolves them, and to the rest of the package', async () => {
    await start({ scriptedPages: 0 });
    const links = async (path: string) => {
      const $ = cheerio.load((await get(path)).text);
      return $('nav a')
        .toArray()
        .map((link) => link.attribs.href);
    };
    expect(await links('/docs/alpha/README.md')).toEqual([
      '/',
      '/docs/alpha/node_modules/beta/README.md',
      '/docs/alpha/CHANGELOG.md',
      '/docs/alpha/docs/deep%20guide.md',
    ]);
    expect(await links('/docs/@scope/gamma/index.html')).toEqual(['/', '/docs/beta/README.md']);
  });

  it('leads from the index to every page', async () => {
    const { url } = await start();
    const seen = new Set<string>();
    const queue = ['/'];
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      const $ = cheerio.load((await get(path)).text);
      for (const link of $('a').toArray()) {
        const target = new URL(link.attribs.href ?? '', url + path).pathname;
        if (!seen.has(target) && /^\/(docs|pages)\//.test(target)) queue.push(target);
        seen.add(target);
      }
    }
    expect([...seen].filter((path) => path.startsWith('/docs/'))).toHaveLength(126);
    expect(seen).toContain('/private/notes');
  });

  it('has a site map, a feed, and rules for robots', async () => {
    const { url } = await start();
    const map = cheerio.load((await get('/sitemap.xml')).text, { xml: true });
    expect(map('url > loc').length).toBe(126);
    expect(map('loc').first().text()).toBe(`${url}/docs/@scope/gamma/index.html`);
    const feed = cheerio.load((await get('/feed.xml')).text, { xml: true });
    expect(feed('entry').length).toBe(50);
    const robots = (await get('/robots.txt')).text;
    expect(robots).toContain('Disallow: /private/');
    expect(robots).toContain('Crawl-delay: 0.02');
    expect(robots).toContain(`Sitemap: ${url}/sitemap.xml`);
  });

  it('shows six pages by script only', async () => {
    const { url, scripted } = await start();
    expect(scripted).toHaveLength(6);
    for (const page of scripted) {
      expect(
        cheerio
          .load((await get(page)).text)('#page')
          .text(),
      ).toBe('');
      const dom = await JSDOM.fromURL(page, {
        runScripts: 'dangerously',
        resources: 'usable',
        beforeParse(window) {
          window.fetch = (source) => fetch(new URL(source as string, url));
        },
      });
      await expect.poll(() => dom.window.document.querySelector('article')?.textContent).toContain('A sentence that');
      dom.window.close();
    }
  });

  it('serves images of packages and no other file', async () => {
    await start();
    const image = await get('/files/alpha/logo.png');
    expect([image.status, image.headers.get('content-type')]).toEqual([200, 'image/png']);
    for (const path of [
      'alpha/package.json',
      'alpha/..%2fsecret.png',
      '..%2fsecret.png',
      'alpha%2f..%2f..%2fx.png',
      '%ff',
    ]) {
      expect((await get(`/files/${path}`)).status).toBe(404);
    }
    expect((await get('/docs/alpha/none.md')).status).toBe(404);
    expect((await fetch(new URL('/', site?.url), { method: 'POST' })).status).toBe(405);
  });

  it('ages by the seed: edits, deletes and slows', async () => {
    let nowMs = Date.parse('2026-01-01T00:00:00Z');
    const rates = { edited: 3, deleted: 2, slowed: 1 };
    await start({ slowMs: 50, rates, now: () => nowMs });
    const pathsOf = (ageing: Ageing) =>
      Object.values(ageing).map((urls: string[]) => urls.map((url) => new URL(url).pathname));
    const paths = collectDocuments(root, 600).map(({ path }) => path);
    const before = new Map<string, string>();
    for (const path of paths) before.set(path, (await get(path)).headers.get('etag') ?? '');
    nowMs += 86_400_000;
    const first = (await site?.age('one')) ?? { edited: [], deleted: [], slowed: [] };
    expect([first.edited.length, first.deleted.length, first.slowed.length]).toEqual([4, 3, 1]);
    expect(new Set(Object.values(first).flat()).size).toBe(8);

    const edited = first.edited.find((url) => !site?.scripted.includes(url)) ?? '';
    const page = await get(edited);
    expect(page.text).toContain('Revision 1');
    expect(page.headers.get('last-modified')).toBe('Fri, 02 Jan 2026 00:00:00 GMT');
    expect((await get(first.slowed[0] ?? '')).status).toBe(200);
    const statuses = await Promise.all(first.deleted.map(async (url) => (await get(url)).status));
    expect(statuses).toEqual([410, 404, 410]);
    // Every other page is the same to the byte.
    for (const path of paths) {
      const url = `${site?.url ?? ''}${path}`;
      const changed = first.edited.includes(url) || first.deleted.includes(url);
      if (!changed) expect((await get(path)).headers.get('etag')).toBe(before.get(path));
    }
    const map = (await get('/sitemap.xml')).text;
    expect(first.deleted.some((url) => map.includes(`<loc>${url}</loc>`))).toBe(false);

    await site?.close();
    await start({ rates });
    expect(pathsOf(await site!.age('one'))).toEqual(pathsOf(first));
    await site!.close();
    await start({ rates });
    expect(pathsOf(await site!.age('two'))).not.toEqual(pathsOf(first));
  });

  it('holds a slow page back until it is time, and closes all the same', async () => {
    const { age, close } = await start({ slowMs: 3_600_000 });
    const [slow = ''] = (await age('one')).slowed;
    const outcome = fetch(slow).then(
      () => 'answered',
      () => 'cut',
    );
    await get('/');
    await close();
    expect(await outcome).toBe('cut');
  });

  it('says what is wrong when the port is taken or there is nothing to show', async () => {
    const { hosts } = await start();
    const port = Number(hosts[0]?.split(':')[1]);
    await expect(startSite({ root, port, log: () => undefined })).rejects.toMatchObject({ name: 'PortTaken' });
    const empty = startSite({ root: join(root, 'alpha', 'docs'), port: 0, log: () => undefined });
    await expect(empty).rejects.toMatchObject({ name: 'NoDocuments' });
  });
});
