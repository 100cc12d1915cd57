import type { TaskEntry } from '../merge-entry.ts';

/*
 * The tasks of Vision (SN19): its API's chat, text-to-image, image-to-image, inpaint, upscale, avatar and embeddings. Its own: the period of 60 minutes, all
 * requests scored, the checks of texts and images, a mean of .18 s and a variance of 3 for chat. Ours: weights, models, other speeds, limits.
 */
const CHAT_LIMITS = { text_bytes: 32 * 1024, tokens: 4096 };
const image = (mean_us: number) => ({ overhead_ms: 500, mean_us });

export const VISION: readonly TaskEntry[] = [
  {
    ...{ name: 'chat-large', kind: 'chat', model: 'meta-llama/Llama-3.1-70B-Instruct', weight_ppm: 250_000 },
    limits: CHAT_LIMITS,
  },
  {
    ...{ name: 'chat-small', kind: 'chat', model: 'meta-llama/Llama-3.1-8B-Instruct', weight_ppm: 200_000 },
    limits: CHAT_LIMITS,
  },
  {
    ...{ name: 'completion', kind: 'completion', model: 'meta-llama/Llama-3.1-8B', weight_ppm: 50_000 },
    limits: CHAT_LIMITS,
  },
  {
    ...{ name: 'text-to-image', kind: 'text-to-image', model: 'black-forest-labs/FLUX.1-schnell' },
    ...{ weight_ppm: 200_000, speed: image(400_000) },
  },
  {
    ...{ name: 'image-to-image', kind: 'image-to-image', model: 'black-forest-labs/FLUX.1-schnell' },
    ...{ weight_ppm: 100_000, speed: image(400_000) },
  },
  {
    ...{ name: 'inpaint', kind: 'inpaint', model: 'stabilityai/stable-diffusion-xl-base-1.0' },
    ...{ weight_ppm: 50_000, speed: image(300_000) },
  },
  {
    ...{ name: 'upscale', kind: 'upscale', model: 'esrgan-v1-x2plus', weight_ppm: 50_000, timeout_ms: 60_000 },
    speed: image(4_000_000),
  },
  {
    ...{ name: 'avatar', kind: 'avatar', model: 'dreamshaper', weight_ppm: 50_000, timeout_ms: 60_000 },
    workflow: [
      { kind: 'image-to-image', model: 'dreamshaper' },
      { kind: 'inpaint', model: 'dreamshaper' },
      { kind: 'upscale', model: 'esrgan-v1-x2plus' },
    ],
    speed: image(10_000_000),
  },
  {
    ...{ name: 'embedding', kind: 'embedding', model: 'BAAI/bge-large-en-v1.5', weight_ppm: 50_000 },
    speed: { overhead_ms: 200, mean_us: 1000 },
  },
];
