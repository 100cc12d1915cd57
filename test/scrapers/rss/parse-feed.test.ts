import { describe, expect, it } from 'vitest';
import { parseFeedTime } from '../../../src/scrapers/rss/feed-time.ts';
import { parseFeed } from '../../../src/scrapers/rss/parse-feed.ts';

const URL = 'https://blog.example.org/feeds/all.xml';
const rss = (items: string, more = '') =>
  `<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
   xmlns:a="http://www.w3.org/2005/Atom"><channel><title>Blog</title><link>https://blog.example.org/</link>${more}${items}</channel></rss>`;
const atom = (entries: string, more = '') => `<feed xmlns="http://www.w3.org/2005/Atom">${more}${entries}</feed>`;
const first = (text: string) => parseFeed(text, URL).entries[0];

describe('parseFeed', () => {
  it('reads RSS 2.0', () => {
    const feed = parseFeed(
      rss(
        `<item><title>Tea &amp;amp; cake</title><link> /posts/tea?utm_source=rss </link><guid isPermaLink="false">post-1</guid>
        <pubDate>Tue, 07 May 2024 08:09:10 +0200</pubDate><dc:creator><![CDATA[Ann Author]]></dc:creator><category>food</category><category>food</category>
        <description>Short.</description><content:encoded><![CDATA[<p>One &eacute;clair.</p><p>Two &lt;b&gt;.</p><script>bad("</p>")</script>]]></content:encoded>
        <enclosure url="/tea.mp3" type="audio/mpeg" length="1234"/></item>`,
        '<a:link rel="next" href="/feeds/all.xml?page=2"/>',
      ),
      URL,
    );
    expect(feed.next).toEqual(['https://blog.example.org/feeds/all.xml?page=2']);
    expect(feed.entries).toEqual([
      {
        guid: 'post-1',
        url: 'https://blog.example.org/posts/tea',
        title: 'Tea & cake',
        author: 'Ann Author',
        publishedAt: Date.UTC(2024, 4, 7, 6, 9, 10) * 1000,
        updatedAt: null,
        text: 'One éclair.\n\nTwo <b>.',
        summary: 'Short.',
        tags: ['food'],
        media: [
          expect.objectContaining({
            url: 'https://blog.example.org/tea.mp3',
            kind: 'audio',
            mime: 'audio/mpeg',
            bytes: 1234,
          }),
        ],
      },
    ]);
  });

  it('reads RSS 1.0, whatever its prefixes', () => {
    const text = `<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:d="http://purl.org/dc/elements/1.1/">
      <channel r:about="https://blog.example.org/"><title>Blog</title></channel>
      <item r:about="https://blog.example.org/a"><title>A</title><link>https://blog.example.org/a</link><d:date>2024-05-07</d:date><d:subject>x</d:subject></item></r:RDF>`;
    expect(first(text)).toMatchObject({
      url: 'https://blog.example.org/a',
      title: 'A',
      publishedAt: Date.UTC(2024, 4, 7) * 1000,
      tags: ['x'],
    });
  });

  it('reads Atom: bases, kinds of text, links by relation', () => {
    const feed = parseFeed(
      atom(
        `<entry xml:base="2024/"><id>urn:uuid:1</id><title type="html">A &lt;em>b&lt;/em></title><link rel="edit" href="/edit"/>
        <link rel="alternate" type="application/json" href="a.json"/><link href="a" type="text/html"/><link rel="enclosure" href="a.png" type="image/png" length="5"/>
        <published>2024-05-07T08:09:10.5-05:00</published><updated>2024-05-08T00:00:00Z</updated><category term="t" label="Tag"/><summary>1 &lt; 2 &lt;i></summary>
        <content type="xhtml"><x:div xmlns:x="http://www.w3.org/1999/xhtml"><x:p>One</x:p><x:p>Two</x:p></x:div></content></entry>`,
        '<author><name>Ann</name></author><link rel="next" href="?p=2"/>',
      ).replace('<feed', '<feed xml:base="https://blog.example.org/posts/"'),
      URL,
    );
    expect(feed.next).toEqual(['https://blog.example.org/posts/?p=2']);
    expect(feed.entries[0]).toMatchObject({
      guid: 'urn:uuid:1',
      url: 'https://blog.example.org/posts/2024/a',
      title: 'A b',
      author: 'Ann',
      publishedAt: Date.UTC(2024, 4, 7, 13, 9, 10, 500) * 1000,
      updatedAt: Date.UTC(2024, 4, 8) * 1000,
      text: 'One\n\nTwo',
      summary: '1 < 2 <i>',
      tags: ['Tag'],
      media: [{ url: 'https://blog.example.org/posts/2024/a.png', kind: 'image', bytes: 5 }],
    });
  });

  it('reads JSON Feed', () => {
    const text = JSON.stringify({
      version: 'https://jsonfeed.org/version/1.1',
      next_url: '/feed.json?page=2',
      authors: [{ name: 'Ann' }],
      items: [
        {
          id: 7,
          url: '/a',
          title: 'A',
          content_html: '<p>x</p><p>y',
          summary: 's',
          tags: ['t', 3],
          date_published: '2024-05-07T08:09:10Z',
          attachments: [{ url: 'a.mp4', mime_type: 'video/mp4', size_in_bytes: 9, duration_in_seconds: 1.5 }],
        },
        { id: 'https://blog.example.org/b', content_text: 'a <b>' },
        'no item',
      ],
    });
    const { entries, next } = parseFeed(`\ufeff ${text}`, URL);
    expect(next).toEqual(['https://blog.example.org/feed.json?page=2']);
    expect(entries[0]).toMatchObject({
      guid: '7',
      url: 'https://blog.example.org/a',
      author: 'Ann',
      text: 'x\n\ny',
      tags: ['t'],
    });
    expect(entries[0]?.media).toMatchObject([{ kind: 'video', bytes: 9, duration_ms: 1500 }]);
    expect(entries[1]).toMatchObject({ url: 'https://blog.example.org/b', text: 'a <b>' });
    expect(entries[2]).toMatchObject({ guid: null, url: null, text: null });
  });

  it('takes a permanent guid for the link, and no other', () => {
    expect(first(rss('<item><guid>https://blog.example.org/a</guid></item>'))?.url).toBe('https://blog.example.org/a');
    expect(first(rss('<item><guid isPermaLink="false">https://blog.example.org/a</guid></item>'))?.url).toBeNull();
    expect(first(rss('<item><guid>urn:uuid:2</guid></item>'))).toMatchObject({ guid: 'urn:uuid:2', url: null });
    expect(first(rss('<item><link>javascript:alert(1)</link></item>'))?.url).toBeNull();
  });

  it('reads HTML that was escaped once too often, but not what speaks of HTML', () => {
    expect(first(rss('<item><description>&amp;lt;p&amp;gt;a&amp;lt;/p&amp;gt;b</description></item>'))?.text).toBe(
      'a\n\nb',
    );
    expect(first(rss('<item><description>&lt;p&gt;Use &amp;lt;/p&amp;gt;.&lt;/p&gt;</description></item>'))?.text).toBe(
      'Use </p>.',
    );
  });

  it('refuses declarations of entities and expands none', () => {
    const bomb = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>';
    const item = '<item><title>x&b;</title><link>https://blog.example.org/a</link></item>';
    expect(parseFeed(rss(item).replace('<rss', `${bomb}<rss`), URL).entries).toEqual([]);
    const remote = '<!DOCTYPE rss SYSTEM "file:///etc/passwd">';
    expect(first(rss(item).replace('<rss', `${remote}<rss`))?.title).toBe('x&b;');
  });

  it('reads broken feeds as far as they go', () => {
    expect(first('<rss><channel><item><title>a</title><link>https://blog.example.org/a</li')).toMatchObject({
      title: 'a',
    });
    expect(first('<rss><channel><item><title>a<br></title><link>/b')).toMatchObject({
      title: 'a',
      url: 'https://blog.example.org/b',
    });
    for (const text of [
      '',
      '<',
      '<rss',
      '<rss/>',
      '{',
      '{"version":1}',
      'null',
      '<html></html>',
      '<![CDATA[',
      '<!',
      '</',
      '\0',
    ]) {
      expect(parseFeed(text, URL)).toEqual({ entries: [], next: [] });
    }
  });

  it('is bounded in entries, text and depth', () => {
    expect(parseFeed(rss('<item><guid>x</guid></item>'.repeat(1500)), URL).entries).toHaveLength(1000);
    expect(first(rss(`<item><description>${'a'.repeat(3_000_000)}</description></item>`))?.text).toHaveLength(200_000);
    const nested = rss(`<item><title>t</title><description>${'<a>'.repeat(3_333_333)}`);
    expect(first(nested)?.title).toBe('t');
    const raw = `<description>&lt;script>${'&lt;/script'.repeat(60_000)}`;
    expect(first(rss(`<item><title>t</title>${raw}`))).toMatchObject({ title: 't', text: null });
    const html = `<item><title>t</title><description><![CDATA[${'<b><p>'.repeat(1_666_666)}end]]></description></item>`;
    expect(first(rss(html))).toMatchObject({ title: 't', text: null });
    for (const mark of [' ', '</script', '<a x="', "<a x='", '<!--', '<![CDATA[', '&', '<!']) {
      expect(parseFeed(`<rss><channel><item ${mark.repeat(10_000_000 / mark.length)}`, URL).next).toEqual([]);
    }
  });
});

describe('parseFeedTime', () => {
  const day = (hour: number, minute = 0, second = 0) => Date.UTC(2024, 4, 7, hour, minute, second) * 1000;

  it.each([
    ['Tue, 07 May 2024 08:09:10 GMT', day(8, 9, 10)],
    ['7 May 24 08:09 EST', day(13, 9)],
    ['Tue, 7 May 2024 08:09:10 -0530', day(13, 39, 10)],
    ['Tuesday, 07 May 2024 08:00:00 CEST', day(6)],
    ['Tue,07 May 2024 08:00:00 +02:00', day(6)],
    ['07 May 2024 08:00:00 GMT+2', day(6)],
    ['07 May 2024 08:00:00 Z (UTC)', day(8)],
    ['2024-05-07T08:00:00+0200', day(6)],
    ['2024-05-07 08:00:00z', day(8)],
    ['2024-05-07', day(0)],
  ])('reads %s', (text, time) => {
    expect(parseFeedTime(text)).toBe(time);
  });

  it.each([
    ...[
      '',
      'yesterday',
      '2024-05-07T08:00:00',
      '07 May 2024 08:00:00',
      '07 May 2024 08:00:00 XYZ',
      '07 May 2024 08:00 A',
    ],
    ...[
      '31 Feb 2024 08:00:00 GMT',
      '2024-02-31',
      '07 May 2024 25:00:00 GMT',
      '07 May 2024 08:00:00 +9900',
      '1715069350',
    ],
  ])('takes %j for no time', (text) => {
    expect(parseFeedTime(text)).toBeNull();
  });
});
