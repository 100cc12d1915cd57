import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** An installed package, as far as the site shows it. */
export interface SitePackage {
  /** Its folder below node_modules with `/`: `markdown-it`, `@scope/name`, `a/node_modules/b`. */
  id: string;
  /** Absolute path of the folder. */
  dir: string;
  /** As package.json states it, without mail address and page; null where it states none. */
  author: string | null;
  /** Names of the packages it depends on. */
  dependencies: string[];
}

/** A document that a package carries. */
export interface SiteDocument {
  /** Of its page: `/docs/<package>/<file>`, percent-encoded. */
  path: string;
  package: SitePackage;
  /** Below the package's folder, with `/`. */
  file: string;
  format: 'markdown' | 'html';
  source: string;
}

const DOCUMENT = /\.(?:md|markdown|html?)$/i;
const HTML = /\.html?$/i;
const README = /^readme\b/i;
/** What a page's text must have at least. */
const MIN_TEXT_CHARACTERS = 300;
/** Longer Markdown is cut, at a blank line; longer HTML is left out. */
const MAX_SOURCE_CHARACTERS = 200_000;
const MAX_DEPTH = 8;

/**
 * Documents of the packages below a node_modules folder: at most `maxPages`, every package's first one (its README) before
 * any package's second. The same folder gives the same list. Duplicates stay: sibling packages often ship one README.
 */
export function collectDocuments(root: string, maxPages: number): SiteDocument[] {
  const queues = findPackages(root, '').map((dir) => candidatesOf(root, dir));
  const documents: SiteDocument[] = [];
  while (documents.length < maxPages && queues.some((queue) => queue.files.length > 0)) {
    for (const queue of queues) {
      const document = nextDocument(queue);
      if (document !== null && documents.length < maxPages) documents.push(document);
    }
  }
  return documents;
}

/** Path of a document's page. */
export function pagePath(packageId: string, file: string): string {
  return `/docs/${encodePath(`${packageId}/${file}`)}`;
}

export function encodePath(path: string): string {
  return path
    .split('/')
    .map((segment) => encodeURIComponent(segment).replaceAll('%40', '@'))
    .join('/');
}

interface Queue {
  package: SitePackage;
  files: string[];
}

/** Ids of the packages below a folder of node_modules, nested ones included. */
function findPackages(root: string, prefix: string): string[] {
  const ids = foldersIn(join(root, prefix)).flatMap((name) =>
    name.startsWith('@')
      ? foldersIn(join(root, prefix, name)).map((own) => `${prefix}${name}/${own}`)
      : [prefix + name],
  );
  return ids.flatMap((id) => {
    const nested = `${id}/node_modules/`;
    return existsSync(join(root, nested)) ? [id, ...findPackages(root, nested)] : [id];
  });
}

function candidatesOf(root: string, id: string): Queue {
  const dir = join(root, id);
  const files = documentsIn(dir, '', 0).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return { package: { id, dir, ...readPackageJson(dir) }, files };
}

/** READMEs at the top first, then by depth. */
function rank(file: string): number {
  return README.test(file) ? 0 : file.split('/').length;
}

function documentsIn(dir: string, prefix: string, depth: number): string[] {
  return readdirSync(join(dir, prefix), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return DOCUMENT.test(entry.name) ? [prefix + entry.name] : [];
    const enter =
      entry.isDirectory() && depth < MAX_DEPTH && !entry.name.startsWith('.') && entry.name !== 'node_modules';
    return enter ? documentsIn(dir, `${prefix}${entry.name}/`, depth + 1) : [];
  });
}

function nextDocument(queue: Queue): SiteDocument | null {
  for (let file = queue.files.shift(); file !== undefined; file = queue.files.shift()) {
    const format = HTML.test(file) ? 'html' : 'markdown';
    const source = usableSource(readFileSync(join(queue.package.dir, file), 'utf8'), format);
    if (source !== null)
      return { path: pagePath(queue.package.id, file), package: queue.package, file, format, source };
  }
  return null;
}

function usableSource(text: string, format: SiteDocument['format']): string | null {
  if (text.includes('\0')) return null;
  const long = text.length > MAX_SOURCE_CHARACTERS;
  if (long && format === 'html') return null;
  const blankLine = long ? text.lastIndexOf('\n\n', MAX_SOURCE_CHARACTERS) : -1;
  const source = long ? text.slice(0, blankLine > 0 ? blankLine : MAX_SOURCE_CHARACTERS).toWellFormed() : text;
  return plainLength(source) < MIN_TEXT_CHARACTERS ? null : source;
}

/** About how many characters of text there are besides tags, scripts, link targets and white space. */
function plainLength(source: string): number {
  return source
    .replace(/<(script|style)\b.*?<\/\1\s*>/gis, '')
    .replace(/<[^>]*>|\]\([^)]*\)/g, '')
    .replace(/\s+/g, ' ').length;
}

function readPackageJson(dir: string): Pick<SitePackage, 'author' | 'dependencies'> {
  try {
    const json = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Record<string, unknown>;
    const dependencies = typeof json.dependencies === 'object' ? Object.keys(json.dependencies ?? {}).sort() : [];
    return {
      author: personName(json.author) ?? firstPerson(json.maintainers) ?? firstPerson(json.contributors),
      dependencies,
    };
  } catch {
    return { author: null, dependencies: [] };
  }
}

function firstPerson(people: unknown): string | null {
  return Array.isArray(people) ? personName(people[0]) : null;
}

/** The name out of `Name <mail> (page)` or `{ name, … }`. */
function personName(person: unknown): string | null {
  const text = typeof person === 'object' && person !== null && 'name' in person ? person.name : person;
  if (typeof text !== 'string') return null;
  return (
    text
      .replace(/<[^>]*>|\([^)]*\)/g, '')
      .replace(/\s+/g, ' ')
      .trim() || null
  );
}

function foldersIn(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}
