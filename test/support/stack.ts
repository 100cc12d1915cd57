import { inject } from 'vitest';
import type { StackUrls } from '../../stack/state-file.ts';

/** Where the parts of the stack are that runs for the whole integration run (see global-stack.ts). */
export function useStack(): StackUrls {
  return inject('stack');
}
