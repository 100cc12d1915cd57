import { readParts } from '../../../stack/parts.ts';
import type { ChallengeOptions } from '../../../temporal/challenging.ts';
import type { Settings } from '../../config/load.ts';
import { messageOf } from '../../core/errors.ts';
import { createOpenAiBackend } from '../../inference/backends/openai-backend.ts';
import type { Backend } from '../../inference/backends/backend.ts';
import { requestUnits } from '../../inference/prompts/compose-request.ts';
import { createRequestMaker } from '../../inference/prompts/synthetic-request.ts';
import { openTasks } from '../../inference/tasks/open-tasks.ts';
import type { Output } from '../output.ts';
import { createCheckers } from './checkers.ts';
import { networkOptions } from './network-options.ts';
import { openLocal } from './open-local.ts';
import { readPromptSources } from './prompt-corpus.ts';
import { owedTerms } from './validator-shares.ts';

/** What a validator challenges miners with: tasks, prompts and its own means to check; null where the settings name no means. */
export async function openChallengeParts(
  settings: Settings,
  out: Output,
  env: Readonly<Record<string, string | undefined>>,
  tasksChanged: () => void,
): Promise<ChallengeOptions | null> {
  const { values } = settings;
  const file = values['validator.checkers_file'];
  if (file === null) return null;
  const refused = (error: Error): void => out.line(error.message);
  const tasks = await openTasks({
    path: values['inference.tasks_file'],
    onRefused: refused,
    onChange: ({ added, changed, removed }) => {
      out.line(`tasks changed ${JSON.stringify({ added, changed, removed })}`);
      tasksChanged();
    },
  });
  const checkers = await createCheckers({
    ...{ file, environment: env, network: networkOptions(settings), onRefused: refused },
    ...openLocal(readParts().engines?.folder),
    onTrouble: ({ name }, error) => out.line(`an answer of ${name} was not checked: ${messageOf(error)}`),
  });
  const { sources, recipe } = await readPromptSources(values['validator.prompt_datasets'], (line) => out.line(line));
  const promptModel = engineAt(settings, values['validator.prompt_model_url'], values['validator.prompt_model']);
  const imageBackend = engineAt(settings, values['validator.prompt_image_url'], values['validator.prompt_image_model']);
  return {
    tasks: tasks.current,
    unitsOf: requestUnits,
    recipe: { ...recipe, prompt_model: promptModel !== null },
    checkAnswer: checkers.checkAnswer,
    requestMaker: (history) => createRequestMaker({ sources: () => sources, history, promptModel, imageBackend }),
    owedTerms: owedTerms(settings),
    windowPeriods: values['parameters.capacity_window_periods'],
    requestsPerMinute: values['validator.challenge_requests_per_minute'],
    checksPerMinute: values['validator.checks_per_minute'],
    async close() {
      tasks.close();
      await Promise.all([checkers.close(), promptModel?.close(), imageBackend?.close()]);
    },
  };
}

function engineAt(settings: Settings, url: string | null, model: string | null): Backend | null {
  if (url === null) return null;
  return createOpenAiBackend({ baseUrl: url, network: networkOptions(settings), ...(model === null ? {} : { model }) });
}
