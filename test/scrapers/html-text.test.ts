import { describe, expect, it } from 'vitest';
import { htmlText } from '../../src/scrapers/web/html-text.ts';

describe('htmlText', () => {
  it('sets paragraphs apart, keeps code as it is and drops markup', () => {
    const html =
      'One &lt;b&gt; &#x27;<i>two</i>&#x27;  <p>three<br>four<p><pre><code>if a\n  b</code></pre><script>x()</script>';
    expect(htmlText(html)).toBe("One <b> 'two'\n\nthree\nfour\n\nif a\n  b");
  });

  it('writes links out that are cut short, and no others', () => {
    expect(htmlText('<a href="https://example.org/a/long/way">https://example.org/a/lo...</a>!')).toBe(
      'https://example.org/a/long/way!',
    );
    expect(htmlText('<a href="https://example.org/">and so on...</a>')).toBe('and so on...');
  });

  it('finds nothing where there is none, or too much', () => {
    expect(htmlText(' <p> <!-- a --> ')).toBeNull();
    expect(htmlText('<i>'.repeat(5000) + 'deep')).toBeNull();
    expect(htmlText('<br>'.repeat(20_000) + 'many')).toBeNull();
    expect(htmlText('long '.repeat(200_000))).toBeNull();
  });
});
