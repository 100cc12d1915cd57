import { load } from 'cheerio';
import { describe, expect, it } from 'vitest';
import { mainText } from '../../src/scrapers/web/main-text.ts';

const SENTENCE =
  'The quick brown fox jumps over the lazy dog, and the dog, being lazy, lets it happen again and again. ';
const PROSE = `<p>${SENTENCE.repeat(3)}</p>`;
const MENU = '<ul><li><a href="/x">One entry</a></li><li><a href="/y">Another entry</a></li></ul>';

const textOf = (body: string, title: string | null = null): string | null =>
  mainText(load(`<html><head><title>t</title></head><body>${body}</body></html>`), 'https://example.org/', title)
    ?.text ?? null;

const prose = SENTENCE.repeat(3).trim();

describe('mainText', () => {
  it.each([
    ['main', `${MENU}<main>${PROSE}</main><div>${MENU}</div>`],
    ['role=main', `<div>${MENU}</div><div role=main>${PROSE}<nav>${MENU}</nav></div>`],
    ['one article', `<div>${MENU}</div><article>${PROSE}<footer>Posted in fox</footer></article>`],
    ['most of main', `<main><div>${MENU}</div><article>${PROSE}</article></main>`],
    ['articleBody', `<main><p>On foxes</p><div itemprop=articleBody>${PROSE}</div></main>`],
  ])('is what the page says it is: %s', (_, body) => {
    expect(textOf(body)).toBe(prose);
  });

  it('is found where the page does not say', () => {
    expect(textOf(`<div class=menu>${MENU}</div><div>${PROSE}${PROSE}</div><footer>Made by foxes</footer>`)).toBe(
      `${prose}\n\n${prose}`,
    );
    const [first, second] = [`<article>${PROSE}</article>`, `<article><p>${SENTENCE.repeat(2)}</p></article>`];
    expect(textOf(`<div>${first}${second}</div>`)).toContain(SENTENCE.trim());
  });

  it('keeps headings whatever they are called, and leaves out the one that is the title', () => {
    for (const wrap of [(text: string) => `<main>${text}</main>`, (text: string) => `<div>${text}</div>`]) {
      const text = textOf(
        wrap(
          `<h1>Foxes</h1>${PROSE}<h2 id="headers" class="sidebar-header">Headers<a class=headerlink href="#headers">¶</a></h2>${PROSE}<h3>Notes <a href="#notes">#</a></h3>${PROSE}`,
        ),
        'Foxes',
      );
      expect(text).toBe([prose, 'Headers', prose, 'Notes', prose].join('\n\n'));
    }
  });

  it('leaves out what is hidden or there to be pressed', () => {
    const hidden =
      '<p hidden>a</p><p style="color:red; display: none">b</p><p aria-hidden=true>c</p><button>d</button><div role="search">e</div>';
    expect(textOf(`<main>${hidden}${PROSE}<aside>${MENU}</aside></main>`)).toBe(prose);
  });

  it('keeps an aside that is text', () => {
    expect(
      textOf(`<main>${PROSE}<aside><p>See <a href=/a>a</a> for what foxes do at night.</p></aside></main>`),
    ).toContain('foxes do at night');
  });

  it('writes a row of a table as a line', () => {
    const table = `<table><caption>Foxes</caption><tr><th>Name<th>Colour<tr><td><p>Red
      fox</p><td>red<br>brown<tr><td><td><code>white</code></table>`;
    expect(textOf(`<main>${PROSE}${table}</main>`)).toBe(
      `${prose}\n\nFoxes\nName | Colour\nRed fox | red brown\n| white`,
    );
  });

  it('reads a layout by tables as blocks', () => {
    const layout = `<table><tr><td><ul><li>a</li><li>b</li><li>c</li></ul></td><td>${PROSE}${PROSE}<pre>x\n  y</pre></td></tr></table>`;
    expect(textOf(`<main>${layout}</main>`)).toBe(`a\nb\nc\n\n${prose}\n\n${prose}\n\nx\n  y`);
  });

  it('keeps lines and indentation of code, and leaves out the numbers beside it', () => {
    const code = 'def fox():\n    if lazy:\n\n\treturn 1';
    const numbered = `<table><tr><td class=linenos><pre>1\n2\n3\n4</pre></td><td class=code><pre>${code}</pre></td></tr></table>`;
    for (const block of [
      `<pre><code>${code}</code></pre>`,
      `<pre>\n${code.replaceAll('\n', '<br>')}</pre>`,
      numbered,
    ]) {
      expect(textOf(`<main>${PROSE}${block}${PROSE}</main>`)).toBe(`${prose}\n\n${code}\n\n${prose}`);
    }
  });
});
