import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cloneRoot, readParts } from '../../stack/parts.ts';
import { readMarkdown } from './markdown-source.ts';
import type { MarkdownSource } from './markdown-source.ts';

/** One document that a generator made a page of. */
export interface SiteDocument extends MarkdownSource {
  /** Path of its page, from the site's root. */
  path: string;
  title: string;
  /** Microseconds, UTC; null where the site does not say. */
  createdAt: number | null;
  author: string | null;
  /** ISO 639-1. */
  lang: string;
  tags: string[];
}

export interface GeneratedSite {
  /** What the generator wrote. */
  folder: string;
  documents: SiteDocument[];
  /** Text that stands in every page and is no page's own. */
  navigation: string[];
}

/** Stands in the generated files where the address of the server belongs that will serve them. */
export const PLACEHOLDER_ORIGIN = 'http://generated.invalid';

/**
 * Sites by tools and of texts that nobody here wrote: MkDocs makes one of the documentation of undici, redis-om and pino, Pelican a blog of what the
 * Hugging Face Hub tells of machine-learning tasks. All of them are packages that Seine depends on, with their documents (MIT). Made once for each version
 * of these packages, of the generators and of these files.
 */
export async function generatedSites(): Promise<{ docs: GeneratedSite; blog: GeneratedSite }> {
  const folder = join(cloneRoot, '.seine', 'test', `sites-${versionsHash()}`);
  if (!existsSync(folder)) {
    mkdirSync(dirname(folder), { recursive: true });
    const draft = mkdtempSync(`${folder}-`);
    try {
      await Promise.all([makeDocs(join(draft, 'docs')), makeBlog(join(draft, 'blog'))]);
      renameSync(draft, folder);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      // Another run may have been quicker.
      if (!existsSync(folder)) throw error;
    }
  }
  return {
    docs: {
      folder: join(folder, 'docs', 'site'),
      documents: docsDocuments(),
      navigation: ['Built with MkDocs', 'Class: BalancedPool CacheStorage Cache Store'],
    },
    blog: {
      folder: join(folder, 'blog', 'output'),
      documents: posts().map(({ document }) => document),
      navigation: [
        'powered by Pelican',
        'takes great advantage of Python',
        'archives authors categories tags any audio',
      ],
    },
  };
}

function versionsHash(): string {
  const files = ['package-lock.json', 'stack/setup/judges.txt'].map((name) => join(cloneRoot, name));
  const hash = createHash('sha256');
  for (const file of [...files, fileURLToPath(import.meta.url)]) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

const packageFolder = (name: string): string => join(cloneRoot, 'node_modules', ...name.split('/'));

/** Where documents come from, and where they stand among the site's sources. */
const DOCS_FOLDERS = [
  { from: join(packageFolder('undici'), 'docs', 'docs'), to: 'undici' },
  { from: join(packageFolder('redis-om'), 'docs'), to: 'redis-om' },
  { from: join(packageFolder('pino'), 'docs'), to: 'pino' },
];

/** Documents that MkDocs and CommonMark read differently, such as code within a list or a bar within a table: the generator's own pages are not what was written. */
const OTHER_DIALECT = ['README.md', 'ProxyAgent.md', 'RoundRobinPool.md', 'pretty.md', 'help.md'];

function isDocument(path: string): boolean {
  return path.endsWith('.md') && !OTHER_DIALECT.includes(basename(path));
}

async function makeDocs(folder: string): Promise<void> {
  const sources = join(folder, 'sources');
  mkdirSync(sources, { recursive: true });
  cpSync(join(packageFolder('undici'), 'README.md'), join(sources, 'index.md'));
  for (const { from, to } of DOCS_FOLDERS) {
    cpSync(from, join(sources, to), { recursive: true, filter: (path) => isDocument(path) || !/\.\w+$/.test(path) });
  }
  const settings = {
    site_name: DOCS_NAME,
    site_url: `${PLACEHOLDER_ORIGIN}/`,
    docs_dir: 'sources',
    theme: 'readthedocs',
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'mkdocs.yml'), JSON.stringify(settings));
  await runPython(['-m', 'mkdocs', 'build', '--quiet', '--config-file', join(folder, 'mkdocs.yml')]);
  writeFileSync(
    join(folder, 'site', 'robots.txt'),
    `User-agent: *\nDisallow:\nSitemap: ${PLACEHOLDER_ORIGIN}/sitemap.xml.gz\n`,
  );
}

function docsDocuments(): SiteDocument[] {
  const index = { file: join(packageFolder('undici'), 'README.md'), place: 'index.md' };
  const others = DOCS_FOLDERS.flatMap(({ from, to }) =>
    readdirSync(from, { recursive: true, encoding: 'utf8' })
      .filter(isDocument)
      .map((name) => ({ file: join(from, name), place: `${to}/${name}` })),
  );
  return [index, ...others].map(({ file, place }) => {
    const source = readMarkdown(readFileSync(file, 'utf8'));
    const path = `/${place.replace(/\.md$/, '/').replace(/index\/$/, '')}`;
    const title = path === '/' ? DOCS_NAME : docsTitle(source, basename(place, '.md'));
    return { ...source, path, title, createdAt: null, author: null, lang: 'en', tags: [] };
  });
}

/** MkDocs takes the heading that a document begins with, else the file's name; there no heading says which part of the title is the site's name. */
function docsTitle({ heading, text }: MarkdownSource, name: string): string {
  if (heading !== null && text.startsWith(heading)) return heading;
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} - ${DOCS_NAME}`;
}

interface Post {
  name: string;
  markdown: string;
  document: SiteDocument;
}

async function makeBlog(folder: string): Promise<void> {
  const content = join(folder, 'content');
  mkdirSync(content, { recursive: true });
  for (const { name, markdown } of posts()) writeFileSync(join(content, `${name}.md`), markdown);
  writeFileSync(join(folder, 'pelicanconf.py'), PELICAN_SETTINGS);
  await runPython([
    '-m',
    'pelican',
    '--quiet',
    '--settings',
    join(folder, 'pelicanconf.py'),
    '--output',
    join(folder, 'output'),
    content,
  ]);
}

/** Each with a date, an author, a category and tags of its own: the documents have none. */
function posts(): Post[] {
  const tasks = join(packageFolder('@huggingface/tasks'), 'src', 'tasks');
  const files = readdirSync(tasks).map((name) => ({ name, lang: 'en', file: join(tasks, name, 'about.md') }));
  files.push({ name: 'ordered-map', lang: 'zh', file: join(packageFolder('@js-sdsl/ordered-map'), 'README.zh-CN.md') });
  return files
    .filter(({ file }) => existsSync(file))
    .map(({ name, lang, file }, index) => {
      const markdown = readFileSync(file, 'utf8');
      const words = name.split('-');
      const title = `On ${words.join(' ')} (№ ${index + 1})`;
      const author = AUTHORS[index % AUTHORS.length] ?? '';
      const date = new Date(Date.UTC(2024, 0, 1 + index * 9, index % 24, 30));
      const tags = [...new Set(words)].filter((word) => word.length > 3);
      const head = [
        `Title: ${title}`,
        `Date: ${date.toISOString().slice(0, 16).replace('T', ' ')}+0000`,
        `Authors: ${author}`,
        `Category: ${words[0] ?? ''}`,
        `Tags: ${tags.join(', ')}`,
        `Slug: ${name}`,
      ];
      const document = {
        ...readMarkdown(markdown),
        path: `/${name}.html`,
        title,
        createdAt: date.getTime() * 1000,
        author,
        lang,
        tags,
      };
      return { name, markdown: `${head.join('\n')}\n\n${markdown}`, document };
    });
}

async function runPython(args: string[]): Promise<void> {
  const env = { ...process.env, PYTHONPATH: readParts().python?.packages };
  await promisify(execFile)('python3', args, { env, maxBuffer: 2 ** 26 });
}

const DOCS_NAME = 'Three libraries';
const AUTHORS = ['Zoë Müller', '山田 太郎', 'Ann Author'];
const PELICAN_SETTINGS = `
SITENAME = 'What models do'
SITEURL = '${PLACEHOLDER_ORIGIN}'
AUTHOR = 'Nobody'
TIMEZONE = 'Asia/Tokyo'
DEFAULT_LANG = 'en'
DEFAULT_PAGINATION = 7
FEED_ALL_ATOM = 'feeds/all.atom.xml'
FEED_ALL_RSS = 'feeds/all.rss.xml'
CATEGORY_FEED_ATOM = 'feeds/{slug}.atom.xml'
MENUITEMS = [(name, SITEURL + '/' + name + '.html') for name in ('archives', 'authors', 'categories', 'tags')]
`;
