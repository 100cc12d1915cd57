/** Text as HTML or XML text, also within double quotes. What XML cannot hold is dropped. */
export function escapeHtml(text: string): string {
  return text

    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

export interface Link {
  href: string;
  text: string;
}

export function linkList(links: readonly Link[]): string {
  return `<ul>\n${links.map(({ href, text }) => `<li><a href="${escapeHtml(href)}">${escapeHtml(text)}</a></li>`).join('\n')}\n</ul>`;
}

export interface Page {
  title: string;
  /** HTML of the head besides title and character set. */
  head?: string;
  /** HTML of the body. */
  body: string;
}

export function htmlPage({ title, head = '', body }: Page): string {
  return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<link rel="alternate" type="application/atom+xml" href="/feed.xml">
${head}
</head>
<body>
${body}
</body>
</html>
`;
}
