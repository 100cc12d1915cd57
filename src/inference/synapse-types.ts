import type { SynapseType } from '../net/synapse.ts';

/*
 * What stock Python peers and Seine say to each other, as classes of their SDK:
 *
 *   class SeineTask(bittensor.Synapse):
 *       task: str                      # name of the task; empty: the one that the model names
 *       api: str                       # chat, completion, images or embeddings
 *       body: str                      # a request in OpenAI's API, as JSON
 *       answer: Optional[str] = None   # its answer, as JSON
 *       required_hash_fields: ClassVar[tuple[str, ...]] = ("task", "api", "body")
 *
 *   class SeineCapacity(bittensor.Synapse):
 *       statement: Optional[str] = None   # the miner's signed statement of capacity, as JSON
 *
 * Requests and answers are texts, so that a body's hash hangs on no side's way to write numbers, lists or dicts.
 */

const TASK_FIELDS = ['task', 'api', 'body'] as const;

export const SEINE_TASK: SynapseType = { name: 'SeineTask', hashFields: TASK_FIELDS, requiredFields: TASK_FIELDS };
export const SEINE_CAPACITY: SynapseType = { name: 'SeineCapacity', hashFields: [], requiredFields: [] };
