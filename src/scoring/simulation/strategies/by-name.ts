import { InvalidInputError } from '../../../core/errors.ts';
import { guessHash } from '../seed-hash.ts';
import type { Scenario, StrategyChoice } from '../scenario.ts';
import type { Strategy } from '../strategy.ts';
import { copy, copyAndCutOff, disguise, repeatOwn, replayDigest, sameByAllKeys } from './copying.ts';
import * as dressing from './dressing.ts';
import { burst, chatty, honest, splitOverKeys, withhold } from './honest.ts';
import * as inventing from './inventing.ts';
import type { Invention } from './inventing.ts';

const WAYS: readonly string[] = [
  'missing',
  'unread',
  'sheltered',
  'boosted',
  'farmed',
  'open',
  'empty',
] satisfies Invention[];

/** The strategy that a scenario names. @throws InvalidInputError where there is none, or a number is missing */
export function strategyOf(choice: StrategyChoice, scenario: Scenario, seed: string): Strategy {
  const number = (option: string): number => {
    const value = choice[option];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
      throw new InvalidInputError(`strategy ${choice.name} needs a whole number as ${option}`, {
        strategy: choice.name,
      });
    return value;
  };
  const way = (): Invention => {
    if (typeof choice['way'] !== 'string' || !WAYS.includes(choice['way']))
      throw new InvalidInputError(`strategy ${choice.name} needs a way: ${WAYS.join(', ')}`, { strategy: choice.name });
    return choice['way'] as Invention;
  };
  const made: Record<string, () => Strategy> = {
    honest: () => honest,
    chatty: () => chatty(number('commits')),
    burst: () => burst(number('epochs')),
    'split-over-keys': () => splitOverKeys,
    'serve-one': () => withhold([0]),
    'serve-late': () => withhold([]),
    copy: () => copy,
    'copy-and-cut-off': () => copyAndCutOff,
    'replay-digest': () => replayDigest,
    disguise: () => disguise,
    'repeat-own': () => repeatOwn,
    'same-by-all-keys': () => sameByAllKeys,
    invent: () => inventing.invent(number('share_ppm'), way()),
    'turn-bad': () => inventing.turnBad(number('honest_epochs'), way()),
    'farm-credibility': () =>
      inventing.farmCredibility(number('tiny_rows'), number('honest_epochs'), number('share_ppm')),
    alternate: () => inventing.alternate(way()),
    'rotate-keys': () => inventing.rotateKeys(number('share_ppm')),
    'mix-sizes': () => inventing.mixSizes,
    squat: () => inventing.squat,
    'squat-future': () => inventing.squatFuture,
    flood: () => inventing.flood(number('rows')),
    'tracking-aliases': () => dressing.alias(number('times'), dressing.trackingParameters, dressing.sameText),
    'query-aliases': () => dressing.alias(number('times'), dressing.queryParameters, dressing.sameText),
    'zero-padded': () => dressing.alias(number('times'), dressing.paddedNumber, dressing.sameText),
    'near-duplicates': () => dressing.alias(number('times'), dressing.paddedNumber, dressing.withSuffix),
    'half-true': () => dressing.halfTrue,
    'forge-freshness': () => dressing.forgeFreshness,
    'forge-scrape-time': () => dressing.forgeScrapeTime,
    grind: () =>
      dressing.grind(number('tries'), number('share_ppm'), scenario.parameters.sample_rows, (epoch) =>
        guessHash(seed, epoch),
      ),
  };
  const make = Object.hasOwn(made, choice.name) ? made[choice.name] : undefined;
  if (make === undefined)
    throw new InvalidInputError(`no strategy ${choice.name}; there are ${Object.keys(made).join(', ')}`, {
      strategy: choice.name,
    });
  return make();
}
