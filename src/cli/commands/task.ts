import type { Command } from 'commander';
import { each, wholeNumber } from '../arguments.ts';
import type { PromptsOptions } from '../roots/task-prompts.ts';
import type { Act } from '../session.ts';
import { checkTaskFile } from '../task-check.ts';
import { listTasks, showPresets, showTask } from '../task-list.ts';

export function addTaskCommands(program: Command, act: Act): void {
  const task = program
    .command('task')
    .helpCommand(false)
    .summary('what miners may serve by inference, and what this one does')
    .description(
      'Tasks of inference: models and open categories that miners may serve and that pay. They come from the file that ' +
        'inference.tasks_file names, else those that ship with Seine.',
    );
  task.command('list').description('all tasks, and what each pays, counts and is checked by').action(act(listTasks));
  task
    .command('show')
    .description('everything about one task: limits, times, how its answers are checked')
    .argument('<name>', 'name of the task')
    .action(act(showTask));
  task
    .command('presets')
    .description('the lists of tasks that a file of tasks may start from')
    .action(act(showPresets));
  task
    .command('check')
    .description(
      'say everything that is wrong with a file of tasks, a serve file of a miner, or a file of checkers of a validator',
    )
    .argument('<file>', 'file of tasks, serve file or file of checkers, TOML or JSON')
    .action(act(checkTaskFile));
  task
    .command('serving')
    .description('what this miner serves, and what validators are owed and had of it in this period')
    .action(
      act(async (session) => {
        const { showServing } = await import('../roots/task-serving.ts');
        return await showServing(session);
      }),
    );
  task
    .command('prompts')
    .description(
      'make the requests of closed periods again from their revealed secrets, and say which were not sent so',
    )
    .argument('<evidence>', 'evidence bundle: its file, or a folder with evidence.json')
    .requiredOption('--archive <folder>', "the validator's objects, by digest: plans, outcomes and recipes of prompts")
    .option(
      '--dataset <folder>',
      'published dataset that prompts are made of; may be repeated, in its order',
      each((folder) => folder),
    )
    .option('--period <n>', 'one period', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--requests <file>', 'write each request with its seed, one in a line of JSON')
    .action(
      act(async (session, path: string, options: PromptsOptions) => {
        const { checkPrompts } = await import('../roots/task-prompts.ts');
        return await checkPrompts(session, path, options);
      }),
    );
}
