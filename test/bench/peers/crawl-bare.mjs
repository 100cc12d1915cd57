// The least that a crawl in JavaScript can be: undici, cheerio and a Set. node crawl-bare.mjs URL; one crawl for each line that it reads.
import { createInterface } from 'node:readline';
import { load } from 'cheerio';
import robotsParser from 'robots-parser';
import { Agent, request } from 'undici';

const AT_ONCE = 16;

async function get(url, dispatcher) {
  const { body } = await request(url, { dispatcher });
  return await body.text();
}

async function crawl(start) {
  const dispatcher = new Agent({ connections: AT_ONCE });
  const robotsUrl = new URL('/robots.txt', start).href;
  const robots = robotsParser(robotsUrl, await get(robotsUrl, dispatcher));
  const seen = new Set([start]);
  const waiting = [start];
  const found = { pages: 0, titleLength: 0, textLength: 0 };
  let atWork = 0;
  await new Promise((resolve, reject) => {
    const visit = async (url) => {
      const $ = load(await get(url, dispatcher));
      found.pages += 1;
      found.titleLength += $('title').text().length;
      found.textLength += $('body').text().length;
      for (const { attribs } of $('a')) {
        const link = new URL(attribs.href, url);
        link.hash = '';
        if (seen.has(link.href) || !robots.isAllowed(link.href, 'bench')) continue;
        seen.add(link.href);
        waiting.push(link.href);
      }
    };
    const fill = () => {
      while (atWork < AT_ONCE && waiting.length > 0) {
        atWork += 1;
        visit(waiting.shift()).then(() => {
          atWork -= 1;
          fill();
        }, reject);
      }
      if (atWork === 0) resolve();
    };
    fill();
  });
  await dispatcher.close();
  return found;
}

console.log('"ready"');
for await (const _ of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await crawl(process.argv[2])));
}
