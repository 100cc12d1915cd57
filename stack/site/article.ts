import { posix } from 'node:path';
import * as cheerio from 'cheerio';
import type { CheerioAPI } from 'cheerio';
import MarkdownIt from 'markdown-it';
import type { SiteDocument } from './collect.ts';

/** A document as HTML that runs nothing. */
export interface Article {
  title: string;
  html: string;
}

// READMEs are Markdown with HTML in it; what may run is taken out afterwards.
const markdown = new MarkdownIt({ html: true, linkify: true });

const REMOVED =
  'script, style, noscript, template, iframe, frame, frameset, object, embed, applet, form, input, button, select, textarea, ' +
  'link, meta, base, title, svg, math, video, audio, canvas, dialog';
const KEPT_ATTRIBUTES = new Set(
  'href src alt title id name lang dir align width height colspan rowspan start datetime open'.split(' '),
);
/** As the DOM numbers it. */
const COMMENT_NODE = 8;
const KEPT_PROTOCOLS = new Set(['http:', 'https:', 'mailto:']);

/**
 * A document's text as HTML: scripts, styles, forms, event handlers and unusual URLs are left out.
 * @param fileUrl where an image of the package, named by its path in the package, is served; null when there is none
 */
export function renderArticle(document: SiteDocument, fileUrl: (file: string) => string | null): Article {
  const source = document.format === 'markdown' ? markdown.render(document.source) : document.source;
  const $ = cheerio.load(source);
  const declared = document.format === 'html' ? $('title').first().text() : '';
  $(REMOVED).remove();
  cleanAttributes($);
  $('img[src]').each((_index, element) => {
    const file = fileInPackage(document.file, $(element).attr('src') ?? '');
    const url = file === null ? null : fileUrl(file);
    if (url !== null) $(element).attr('src', url);
  });
  removeComments($);
  const main = $('main, article').first();
  const html = (main.length > 0 && document.format === 'html' ? main : $('body')).html() ?? '';
  const heading = $('h1').first().text();
  const title = (declared || heading).replace(/\s+/g, ' ').trim();
  return { title: title === '' ? `${document.package.id}: ${document.file}` : title, html };
}

function cleanAttributes($: CheerioAPI): void {
  $('*').each((_index, element) => {
    for (const [name, value] of Object.entries($(element).attr() ?? {})) {
      const isUrl = name === 'href' || name === 'src';
      if (!KEPT_ATTRIBUTES.has(name) || (isUrl && !isKeptUrl(value))) $(element).removeAttr(name);
    }
  });
}

/** Parsed as a browser would, so that `java\nscript:` does not pass for a relative URL. */
function isKeptUrl(value: string): boolean {
  const base = 'http://site.invalid/';
  return URL.canParse(value, base) && KEPT_PROTOCOLS.has(new URL(value, base).protocol);
}

/** The file of the same package that a relative URL names; null where it leads elsewhere. */
function fileInPackage(from: string, url: string): string | null {
  if (/^(?:[a-z][a-z0-9+.-]*:|[/#?])/i.test(url)) return null;
  const path = url.replace(/[?#].*$/s, '');
  try {
    const file = posix.join(posix.dirname(from), decodeURIComponent(path));
    return file.startsWith('../') ? null : file;
  } catch {
    return null;
  }
}

function removeComments($: CheerioAPI): void {
  $('*')
    .contents()
    .filter((_index, node) => node.nodeType === COMMENT_NODE)
    .remove();
}
