import { join } from 'node:path';
import type { OperatorOptions } from '../../../temporal/operator.ts';
import type { CrawlingOptions } from '../../../temporal/crawling.ts';
import { resolveChromium } from '../../../stack/browser.ts';
import type { Settings } from '../../config/load.ts';
import { classifyAddress, isAllowedByName } from '../../net/address-guard.ts';
import type { Output } from '../output.ts';
import { temporalAccess } from '../temporal-access.ts';
import { hotkeyOf } from '../wallet.ts';
import { networkOptions } from './network-options.ts';
import { sourceOrigins } from './source-origins.ts';
import { readWanted } from './wanted-file.ts';

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
    workerMetrics:
      values['metrics.temporal_port'] === 0 ? null : `${values['metrics.host']}:${values['metrics.temporal_port']}`,
    redisIndexUrl: values['redis.index_url'],
    redisStateUrl: values['redis.state_url'],
    chainEndpoints: values['subtensor.endpoint'],
    chainArchive: values['subtensor.archive'],
    wanted: await readWanted(values['wanted.file']),
    alerts: {
      webhookUrl: values['alerts.webhook_url']?.reveal() ?? null,
      userAgent: networkOptions(settings).userAgent,
      everyMinutes: values['alerts.every_minutes'],
      diskFreeGb: values['alerts.disk_free_gb'],
    },
    log: (line) => out.line(line),
  };
}

export function crawlingOptions(
  settings: Settings,
  env: Readonly<Record<string, string | undefined>>,
): CrawlingOptions {
  const { values } = settings;
  return {
    network: networkOptions(settings),
    crawlDelayMs: values['fetch.crawl_delay_ms'],
    browserPath: resolveChromium({ ...env, CHROMIUM_PATH: values['browser.path'] ?? undefined }),
    browserPages: values['browser.pages'],
    origins: sourceOrigins(settings),
    browserMaxMemoryMb: values['browser.max_memory_mb'],
  };
}

/** Public addresses always; loopback and private ones on development networks. */
export function allowedPeers(settings: Settings): (address: string) => boolean {
  return (address) => {
    const kind = classifyAddress(address);
    return kind === 'public' || (settings.values['dev.enabled'] && isAllowedByName(kind));
  };
}
