import { z } from 'zod';
import type { SettingName } from '../config/table.ts';

/** The part of `stack.json` that settings are taken from (written by stack/state-file.ts). */
const stackFile = z.object({
  urls: z
    .object({
      temporal: z.string(),
      redisIndex: z.string(),
      redisState: z.string(),
      chain: z.string(),
      chromium: z.string(),
    })
    .partial(),
});

/** Addresses of the running stack by setting name; none where the file is not one of ours: `seine stack status` says so. */
export function stackSettings(stackJson: string): Partial<Record<SettingName, string>> {
  const parsed = stackFile.safeParse(parseJson(stackJson));
  if (!parsed.success) return {};
  const { temporal, redisIndex, redisState, chain, chromium } = parsed.data.urls;
  return {
    ...(temporal === undefined ? {} : { 'temporal.address': temporal }),
    ...(redisIndex === undefined ? {} : { 'redis.index_url': redisIndex }),
    ...(redisState === undefined ? {} : { 'redis.state_url': redisState }),
    ...(chain === undefined ? {} : { 'subtensor.endpoint': chain }),
    ...(chromium === undefined ? {} : { 'browser.path': chromium }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
