import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperatorOptions } from '../../../temporal/operator.ts';
import type { CrawlingOptions } from '../../../temporal/crawling.ts';
import { resolveChromium } from '../../../stack/browser.ts';
import type { Settings } from '../../config/load.ts';
import { SeineError } from '../../core/errors.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import type { WantedList } from '../../core/wanted.ts';
import { classifyAddress, isAllowedByName } from '../../net/address-guard.ts';
import type { Output } from '../output.ts';
import { temporalAccess } from '../temporal-access.ts';
import { hotkeyOf } from '../wallet.ts';

/** What every operator needs, from its settings. */
export async function operatorOptions(settings: Settings, out: Output): Promise<OperatorOptions> {
  const { values } = settings;
  const signer = await hotkeyOf(settings);
  return {
    signer,
    netuid: values.netuid,
    home: join(values.home, 'operators', signer.address.slice(0, 8)),
    cacheDir: join(values.home, 'cache'),
    temporal: temporalAccess(settings),
    redisIndexUrl: values['redis.index_url'],
    redisStateUrl: values['redis.state_url'],
    chainEndpoint: values['subtensor.endpoint'],
    wanted: await readWanted(values['wanted.file']),
    log: (line) => out.line(line),
  };
}

export function crawlingOptions(
  settings: Settings,
  env: Readonly<Record<string, string | undefined>>,
): CrawlingOptions {
  const { values } = settings;
  return {
    userAgent: values['fetch.user_agent'],
    crawlDelayMs: values['fetch.crawl_delay_ms'],
    browserPath: resolveChromium({ ...env, CHROMIUM_PATH: values['browser.path'] ?? undefined }),
    browserPages: values['browser.pages'],
  };
}

/** Public addresses always; loopback and private ones on development networks. */
export function allowedPeers(settings: Settings): (address: string) => boolean {
  return (address) => {
    const kind = classifyAddress(address);
    return kind === 'public' || (settings.values['dev.enabled'] && isAllowedByName(kind));
  };
}

async function readWanted(path: string | null): Promise<WantedList> {
  if (path === null) {
    throw new SeineError('WantedMissing', 'no list of wanted jobs: set wanted.file (SEINE_WANTED_FILE)', {
      exitCode: 2,
    });
  }
  const list = JSON.parse(await readFile(path, 'utf8')) as WantedList;
  canonicalJson(list);
  return list;
}
