import type { Task } from '../tasks/task.ts';
import type { TaskRequest } from '../wire/request.ts';
import type { PromptOrigin } from './prompt-seed.ts';

/** A synthetic request, with what it takes to make it again. */
export interface MadeRequest {
  request: TaskRequest;
  /** The attempt whose draws gave a prompt that was not asked before. */
  attempt: number;
}

/**
 * Makes the synthetic request that an origin fixes: prompt, parameters and size drawn as customers' are. Throws NoFreshPrompt.
 */
export type MakeRequest = (task: Task, origin: PromptOrigin) => Promise<MadeRequest>;
