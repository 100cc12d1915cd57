import type { TaskEntry } from '../merge-entry.ts';

/*
 * The 13 categories of NicheImage (SN23). Its own: names, weights, which of them are open, the interval of ten minutes in which one request is scored,
 * the 12 seconds of its formula, limits and thresholds of checks. Ours: what backends know the models by, and the time-outs of the slow ones.
 */
const INTERVAL = { period_ms: 600_000, scored: 'one', timeout_ms: 12_000, unit: 'images' } as const;
const IMAGE = { ...INTERVAL, kind: 'text-to-image', check: { method: 'image-match' } } as const;
const TEXT = { ...INTERVAL, unit: 'requests', timeout_ms: 32_000, check: { method: 'text-top-tokens' } } as const;
const OPEN = { ...INTERVAL, kind: 'text-to-image', model: null, check: { method: 'open-image' } } as const;

export const NICHEIMAGE: readonly TaskEntry[] = [
  { ...IMAGE, name: 'GoJourney', model: 'midjourney', weight_ppm: 40_000, timeout_ms: 120_000 },
  { ...IMAGE, name: 'AnimeV3', model: 'AnimeV3', weight_ppm: 180_000 },
  { ...IMAGE, name: 'JuggernautXL', model: 'JuggernautXL', weight_ppm: 150_000 },
  { ...IMAGE, name: 'RealitiesEdgeXL', model: 'RealitiesEdgeXL', weight_ppm: 190_000 },
  { ...TEXT, name: 'Gemma7b', kind: 'chat', model: 'google/gemma-7b-it', weight_ppm: 30_000 },
  { ...TEXT, name: 'Llama3_70b', kind: 'chat', model: 'meta-llama/Meta-Llama-3-70B-Instruct', weight_ppm: 50_000 },
  { ...IMAGE, name: 'StickerMaker', model: 'StickerMaker', weight_ppm: 30_000 },
  { ...IMAGE, name: 'SUPIR', kind: 'upscale', model: 'SUPIR', weight_ppm: 80_000, timeout_ms: 180_000 },
  { ...IMAGE, name: 'Kolors', model: 'Kwai-Kolors/Kolors', weight_ppm: 100_000 },
  { ...IMAGE, name: 'FluxSchnell', model: 'black-forest-labs/FLUX.1-schnell', weight_ppm: 120_000 },
  { ...TEXT, name: 'Pixtral_12b', kind: 'multimodal', model: 'mistralai/Pixtral-12B-2409', weight_ppm: 10_000 },
  { ...OPEN, name: 'OpenGeneral', weight_ppm: 10_000 },
  { ...OPEN, name: 'OpenDigitalArt', weight_ppm: 10_000 },
];
