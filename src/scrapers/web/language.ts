import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { eld } from 'eld/medium';

/** ISO 639-1, or null where the text is too short or too mixed to tell. */
export function languageOf(text: string): string | null {
  const sample = text.slice(0, SAMPLE_LENGTH);
  if (!hasLetters(sample)) return null;
  const found = (detector ??= loadDetector()).detect(sample);
  return found.isReliable() ? found.language : null;
}

function hasLetters(sample: string): boolean {
  let letters = 0;
  for (const character of sample) {
    if (LETTER.test(character)) letters += 1;
    if (letters === MIN_LETTERS) return true;
  }
  return false;
}

/** Its tables take 200 MB, so that only a thread that reads pages loads them, when it reads the first one. */
function loadDetector(): Detector {
  const module = fileURLToPath(import.meta.resolve('eld/medium'));
  return (createRequire(import.meta.url)(module) as { eld: Detector }).eld;
}

type Detector = typeof eld;
let detector: Detector | undefined;

const LETTER = /\p{L}/u;
/** UTF-16 units. */
const SAMPLE_LENGTH = 4096;
const MIN_LETTERS = 20;
