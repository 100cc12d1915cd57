import type { DataRecord } from '../../core/record.ts';
import { jobOf } from '../../core/wanted.ts';
import type { WantedJob } from '../../core/wanted.ts';
import type { ControlCounts } from '../carry-over.ts';
import type { Formula } from '../parameters.ts';
import type { Sighting } from '../verdict.ts';
import { createBook } from './book.ts';
import type { Book, Outcome } from './book.ts';
import { firstBlockOf, timeOf } from './clock.ts';
import { claimRows, inOrder, statusOf } from './judging.ts';
import type { JudgedRow, Placed } from './judging.ts';
import { createLedger } from './ledger.ts';
import type { Ledger } from './ledger.ts';
import { commitmentsOf, costOfEpoch, createMiner } from './miners.ts';
import type { Player } from './miners.ts';
import type { Rules } from './rules.ts';
import type { Scenario } from './scenario.ts';
import { seedHash } from './seed-hash.ts';
import { check, examine } from './validator.ts';
import type { Validator } from './validator.ts';
import { wantedList } from './world.ts';
import type { World } from './world.ts';

/** What a validator's own trouble does to one epoch of its work. */
export interface Fault {
  /** Changes what a check sees; also that of its control fetches. */
  see?: (seen: Sighting, id: string) => Sighting;
  /** The index of owners is lost and read back from the log. */
  indexLost?: boolean;
  /** Nothing can be written: the epoch is not scored, and the weights of the last one stand. */
  unscored?: boolean;
}

export interface RunOptions {
  scenario: Scenario;
  rules: Rules;
  seed: string;
  world: World;
  players: readonly Player[];
  /** Every epoch is scored by each, from the same counts. */
  formulas: readonly Formula[];
  faultOf?: (epoch: number, validator: number) => Fault | null;
}

export interface RunResult {
  byFormula: Map<Formula, Outcome>;
  /** Of each player by epoch, in the scenario's unit. */
  costs: number[][];
}

/** Runs players against the real scoring for the scenario's epochs. Same input, same outcome. */
export function run(options: RunOptions): RunResult {
  const { scenario, rules, seed, world, players, formulas, faultOf = () => null } = options;
  const { parameters } = scenario;
  const jobs = new WeakMap<DataRecord, WantedJob | null>();
  const wanted = wantedList(parameters.pools[0]?.name ?? '');
  const rememberedJob = (row: DataRecord): WantedJob | null => {
    const job = jobs.get(row) ?? jobOf(wanted, row);
    jobs.set(row, job);
    return job;
  };
  const miners = players.map(createMiner);
  const validators = Array.from({ length: scenario.validators }, (_, index): Validator => ({
    ...{ name: `validator-${index}`, rules, jobOf: rememberedJob, parameters },
  }));
  const books = formulas.map((formula) => createBook({ ...parameters, formula }, players.length, validators.length));
  let ledger = createLedger(rules);

  for (let epoch = 0; epoch < scenario.epochs; epoch += 1) {
    const faults = validators.map((_, index) => faultOf(epoch, index));
    if (faults.some((fault) => fault?.indexLost === true)) ledger = ledger.rebuilt();
    const accepted = takeCommitments(
      inOrder(commitmentsOf(miners, world, seed, epoch), rules),
      rules,
      ledger,
      scenario,
    );
    const keys = miners.flatMap(({ registered }) => registered);
    const checkBlock = firstBlockOf(epoch + 1) + parameters.fetch_deadline_blocks;
    const honestly = ({ row }: JudgedRow): Sighting => world.see(row, checkBlock);
    const found = validators.map((validator, index) => {
      const fault = faults[index];
      const see = (item: JudgedRow): Sighting => fault?.see?.(honestly(item), item.row.id) ?? honestly(item);
      if (fault?.unscored === true) return null;
      const view = { accepted, keys, seedHash: seedHash(seed, epoch), ledger, see, controls: controlsOf(fault) };
      return examine(validator, view);
    });
    const uids = miners.map(({ registered }) => keys.flatMap((key, uid) => (registered.includes(key) ? [uid] : [])));
    for (const book of books)
      book.score(
        found.map((item) => item?.counts ?? null),
        uids,
      );
    // Another validator looks at what one found invalid; where it is sound, it sees the same.
    for (const { item } of found.flatMap((examined) => examined?.invalid ?? [])) {
      if (check(item, honestly(item)).verdict === 'invalid')
        ledger.withdraw(item.row, item.commitment.place, timeOf(checkBlock));
    }
    for (const item of accepted) {
      if (rules.isFallen(found.map((examined) => examined?.checked.get(item) ?? [])))
        for (const row of item.rows) ledger.withdraw(row, item.place, timeOf(checkBlock));
    }
    for (const miner of miners) miner.costs.push(costOfEpoch(miner, scenario));
  }
  const byFormula = new Map(formulas.map((formula, index) => [formula, (books[index] as Book).outcome]));
  return { byFormula, costs: miners.map(({ costs }) => costs) };
}

/**
 * Claims the rows of what counts. Where only a minority had the bytes in time the commitment is void: its claims are known from them, and fall at the
 * deadline.
 */
function takeCommitments(placed: readonly Placed[], rules: Rules, ledger: Ledger, scenario: Scenario): Placed[] {
  return placed.filter((item) => {
    const status = statusOf(item, rules, scenario);
    if (status === 'rejected') return false;
    const had = item.servedTo?.length !== 0;
    if (status === 'accepted' || had) claimRows(item, ledger);
    if (status === 'void' && had) {
      const deadline = timeOf(item.block + scenario.parameters.fetch_deadline_blocks);
      for (const row of item.rows) ledger.withdraw(row, item.place, deadline);
    }
    return status === 'accepted';
  });
}

/** Fetches of known-good rows that a validator makes beside each miner's checks. */
const CONTROLS = 30;

function controlsOf(fault: Fault | null | undefined): ControlCounts {
  const controls = { fetched: CONTROLS, failed: 0, misread: 0 };
  for (let control = 0; control < CONTROLS; control += 1) {
    const good: Sighting = {
      outcome: 'shown',
      id: `control-${control}`,
      text: 'good',
      createdAt: 0,
      lastModified: null,
    };
    const seen = fault?.see?.(good, good.id) ?? good;
    if (seen.outcome === 'unreachable') controls.failed += 1;
    else if (seen.outcome === 'gone' || seen.text !== good.text) controls.misread += 1;
  }
  return controls;
}
