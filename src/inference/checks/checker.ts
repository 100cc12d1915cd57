import type { Backend } from '../backends/backend.ts';
import type { Judge } from './adherence.ts';
import type { AestheticScore } from './aesthetic.ts';
import type { ImageEncoder } from './image-encoder.ts';
import type { Prefill } from './prefill.ts';

/** The validator's own means of checking the answers to one task; what the task's method does not need may be missing. */
export interface TaskChecker {
  /** Makes the validator's own image or vectors. */
  backend: Backend | null;
  /** Reads texts. */
  prefill: Prefill | null;
  encoder: ImageEncoder | null;
  /** For open categories. */
  judge: Judge | null;
  aesthetic: AestheticScore | null;
  /** For one check as a whole. */
  timeoutMs: number;
}
