import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRoot, readParts } from '../../../stack/parts.ts';
import { crawleePackage } from './crawlee-package.ts';
import type { LineCommand } from './line-process.ts';
import { script } from './line-process.ts';
import { startStateRedis } from './state-redis.ts';

/** What the bench starts for one crawl by one side. */
export interface Started {
  command: LineCommand;
  /** Servers of the side's own, which count as it does. */
  servers: number[];
  stop: () => Promise<unknown>;
}

/** A crawler, in the form in which it is measured. */
export interface Side {
  title: string;
  /** @param dir a fresh folder */
  start: (url: string, dir: string) => Promise<Started>;
}

export type SideName = 'bare' | 'scrapy' | 'scrapyJobdir' | 'crawlee' | 'crawleePersisted' | 'seineLight' | 'seineWeb';

const PEERS = join(cloneRoot, 'test', 'bench', 'peers');
const SEINE = join(cloneRoot, 'test', 'bench', 'crawl', 'seine.ts');

export async function openSides(): Promise<Record<SideName, Side>> {
  const packages = await crawleePackage();
  const alone = (command: LineCommand): Promise<Started> =>
    Promise.resolve({ command, servers: [], stop: () => Promise.resolve() });
  const node = (file: string, args: readonly string[]): Promise<Started> =>
    alone({ executable: process.execPath, args: [file, ...args] });
  const scrapy = (args: readonly string[]): Promise<Started> => {
    const paths = [readParts().python?.packages, process.env['BENCH_PYTHONPATH']];
    const env = { PYTHONPATH: paths.filter((path) => path !== undefined).join(':') };
    return alone({ executable: 'python3', args: [join(PEERS, 'crawl_scrapy.py'), ...args], env });
  };
  const crawlee = (args: readonly string[]): Promise<Started> => node(join(PEERS, 'crawlee', 'crawl.mjs'), args);
  const seine = async (url: string, dir: string, reading: 'web' | 'light'): Promise<Started> => {
    const { pid, url: redis, stop } = await startStateRedis(dir);
    return { command: script(SEINE, [url, redis, join(dir, 'objects'), reading]), servers: [pid], stop };
  };
  return {
    bare: { title: 'bare undici + cheerio', start: (url) => node(join(PEERS, 'crawl-bare.mjs'), [url]) },
    scrapy: { title: 'Scrapy, in memory', start: (url) => scrapy([url, 'memory']) },
    scrapyJobdir: { title: 'Scrapy, JOBDIR', start: (url, dir) => scrapy([url, dir]) },
    crawlee: { title: 'Crawlee, in memory', start: (url) => crawlee([url, packages, 'memory']) },
    crawleePersisted: { title: 'Crawlee, persisted', start: (url, dir) => crawlee([url, packages, dir]) },
    seineLight: { title: 'Seine, the peers’ work', start: (url, dir) => seine(url, dir, 'light') },
    seineWeb: { title: 'Seine, web', start: (url, dir) => seine(url, dir, 'web') },
  };
}

/** A folder for one crawl. */
export function freshFolder(dir: string, name: SideName): string {
  return mkdtempSync(join(dir, `${name}-`));
}
