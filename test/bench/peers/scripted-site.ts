/** A site whose pages get their text from a script that fetches it; prints its `host:port`, and ends with its parent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const PARAGRAPHS = 20;
const styles = Array.from({ length: 200 }, (_, index) => `.c${index} { margin: ${index % 7}px }`).join('\n');
const script = `
  const app = document.getElementById('app');
  fetch('/data' + location.pathname + '.json').then((answer) => answer.json()).then(({ title, paragraphs }) => {
    document.title = title;
    setTimeout(() => app.replaceChildren(...paragraphs.map((text) => Object.assign(document.createElement('p'), { textContent: text }))), 10);
  });`;
const shell = `<!doctype html><html><head><title>Loading</title><link rel="stylesheet" href="/site.css"></head>
  <body><nav><a href="/1">one</a></nav><main id="app"></main><img src="/logo.png"><script src="/app.js"></script></body></html>`;

function answer(path: string): [type: string, body: string] {
  if (path === '/site.css') return ['text/css', styles];
  if (path === '/app.js') return ['text/javascript', script];
  const data = /^\/data\/(\d+)\.json$/.exec(path)?.[1];
  if (data === undefined) return ['text/html; charset=utf-8', shell];
  const paragraphs = Array.from({ length: PARAGRAPHS }, (_, index) => `Text ${data} paragraph ${index}. `.repeat(8));
  return ['application/json', JSON.stringify({ title: `Page ${data}`, paragraphs })];
}

const server = createServer((request, response) => {
  const [type, body] = answer(request.url ?? '/');
  response.setHeader('content-type', type).end(body);
});
server.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${(server.address() as AddressInfo).port}`));
process.stdin.resume().once('end', () => process.exit());
