import { canonicalJson } from '../../../src/core/canonical-json.ts';
import { secretDigest } from '../../../src/core/hash/prompt-secret.ts';
import { sha256Hex } from '../../../src/core/hash/sha256.ts';
import type { PeriodProof } from '../../../src/core/inference-period.ts';
import { TOOL } from '../../../src/core/version.ts';
import type { ArchivedOutcome } from '../../../src/inference/challenge/archived-period.ts';
import type { PeriodPlan } from '../../../src/inference/challenge/period-plan.ts';
import { scheduleOf } from '../../../src/inference/challenge/planned-queries.ts';
import { requestUnits } from '../../../src/inference/prompts/compose-request.ts';
import type { PromptSources } from '../../../src/inference/prompts/compose-request.ts';
import { memoryHistory } from '../../../src/inference/prompts/prompt-history.ts';
import { sourcesDigest } from '../../../src/inference/prompts/prompt-recipe.ts';
import type { PromptRecipe } from '../../../src/inference/prompts/prompt-recipe.ts';
import { createRequestMaker } from '../../../src/inference/prompts/synthetic-request.ts';
import { requestVolume } from '../../../src/inference/volume.ts';
import { requestDigest } from '../../../src/inference/wire/request-bytes.ts';
import { SECRET } from './plans.ts';

export interface MadePeriod {
  plan: PeriodPlan;
  recipe: PromptRecipe;
  outcomes: ArchivedOutcome[];
}

/** A period's requests as a validator makes and notes them; every answer came. */
export async function madePeriod(plan: PeriodPlan, sources: PromptSources): Promise<MadePeriod> {
  const recipe: PromptRecipe = {
    ...{ version: 1, tool: TOOL, datasets: [], sources: sourcesDigest(sources), prompt_model: false },
  };
  const make = createRequestMaker({
    ...{ sources: () => sources, history: memoryHistory(), promptModel: null, imageBackend: null },
  });
  const schedule = await scheduleOf(plan, SECRET, requestUnits);
  const outcomes: ArchivedOutcome[] = [];
  for (const [slot, queries] of schedule.entries()) {
    for (const { miner, task, index, origin } of queries) {
      const { request, attempt } = await make(task, origin);
      outcomes.push({
        ...{ miner: miner.hotkey, task: task.name, index, slot, attempt, units: requestVolume(task, request) },
        ...{ kind: 'synthetic', outcome: 'answered', reason: 'answered' },
        ...{ request: requestDigest(request), recipe: sha256Hex(canonicalJson(recipe)) },
      });
    }
  }
  return { plan, recipe, outcomes };
}

/** What evidence has of a plan. */
export function proofOf(plan: PeriodPlan, secret = SECRET): PeriodProof {
  const { period_ms, period, seed_block, full_load, validator } = plan;
  return {
    ...{ period_ms, period, seed_block, full_load, secret, anchored_block: seed_block.number - 1 },
    ...{ digest: secretDigest({ validator, period, secret }), plan: sha256Hex(canonicalJson(plan)) },
  };
}
