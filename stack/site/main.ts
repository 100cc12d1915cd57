// Serves the local site by itself: node --import tsx stack/site/main.ts [--port 8080] [--root node_modules] [--max-pages 600]
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { startSite } from './site.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    root: { type: 'string', default: fileURLToPath(new URL('../../node_modules', import.meta.url)) },
    'max-pages': { type: 'string', default: '600' },
  },
});

const site = await startSite({
  root: values.root,
  port: Number(values.port),
  maxPages: Number(values['max-pages']),
  log: (line) => {
    console.log(line);
  },
});
console.log(`site: ${site.pages} documents at ${site.url}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void site.close());
