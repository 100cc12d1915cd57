import type { Command } from 'commander';
import { each, wholeNumber } from '../arguments.ts';
import { build } from '../dataset-build.ts';
import { prove, verifyProof } from '../dataset-proof.ts';
import { query, stats } from '../dataset-query.ts';
import { verify } from '../dataset-verify.ts';
import { diff, log, withdraw } from '../dataset-versions.ts';
import type { Act } from '../session.ts';

export function addDatasetCommands(program: Command, act: Act): void {
  const dataset = program
    .command('dataset')
    .helpCommand(false)
    .summary('published datasets')
    .description('Datasets: Parquet, a card and a manifest, with what proves where each row was committed.');
  dataset
    .command('build')
    .description("publish a running validator's owned, valid rows as a dataset")
    .argument('<folder>', 'folder of the dataset; must not exist yet')
    .option('--recipe <file>', 'what goes in (else datasets/recipes/web-docs.json)')
    .option('--base <folder>', 'the version before: its files stay as they are where their rows do')
    .action(act(build));
  dataset
    .command('verify')
    .description("check a dataset's files, row trees and commits against nothing but the chain")
    .argument('<folder|url>', 'folder with manifest.json, or the URL of one')
    .option('--manifest <digest>', 'the digest that its manifest should have')
    .option('--offline', 'ask nothing of the chain')
    .action(act(verify));
  dataset
    .command('prove')
    .description('write the proof that a row was committed')
    .argument('<folder>', 'folder of the dataset')
    .argument('<id>', "the row's id")
    .option('--out <file>', 'where to (else standard output)')
    .action(act(prove));
  dataset
    .command('verify-proof')
    .description('check the proof of a row, by itself or against the chain')
    .argument('<file>', 'what prove wrote')
    .option('--chain', 'ask the chain as well whether the commitment was made')
    .action(act(verifyProof));
  dataset
    .command('withdraw')
    .description('build the next version without some rows, each withdrawn by your signature')
    .argument('<folder>', 'folder of the version that has them')
    .argument('<ids...>', 'ids of the rows')
    .requiredOption('--out <folder>', 'folder of the next version; must not exist yet')
    .option('--reason <text>', 'why, for everybody to read', 'withdrawn on request')
    .option('--dry-run', 'say what would be withdrawn, sign and build nothing')
    .action(act(withdraw));
  dataset
    .command('diff')
    .description('how two versions differ')
    .argument('<a>', 'folder of one version')
    .argument('<b>', 'folder of another')
    .option('--limit <count>', 'ids to show of each kind', wholeNumber(0, 1_000_000), 20)
    .action(act(diff));
  dataset
    .command('log')
    .description('a version and those before it, as far as they lie beside it')
    .argument('<folder>', 'folder of the dataset')
    .action(act(log));
  dataset
    .command('stats')
    .description('what the rows are, in numbers')
    .argument('<folder>', 'folder of the dataset')
    .action(act(stats));
  dataset
    .command('query')
    .description('run SQL over the rows, which are the table `rows`')
    .argument('<folder>', 'folder of the dataset')
    .argument('<sql...>', 'one statement, such as "SELECT source, count(*) FROM rows GROUP BY 1"', each(String))
    .option('--limit <count>', 'rows to show', wholeNumber(1, 1_000_000), 100)
    .action(act(query));
}
