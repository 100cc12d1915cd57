/** What came of a miner's requests, in words that tell it what to do; by the one word that records hold. */
const WORDS: Readonly<Record<string, string>> = {
  right: 'answered rightly',
  same: 'answered rightly: the same as the validator got',
  unchecked: 'answered; not drawn to be checked',
  limited: 'answered 429 though it was within the capacity that was stated: state less, or serve more at once',
  timed_out: "no answer within the task's time",
  unreachable: 'no connection: look at the axon on chain, the port and the firewall',
  malformed: 'the answer could not be read',
  too_large: 'the answer was larger than the task allows',
  unlikely_tokens: 'too many tokens that the model would hardly write: another model, or a text made otherwise',
  end_passed_over: 'goes on where the model would have ended',
  cut_short: 'ends before the model would have, or before the length that was asked for',
  other_probabilities: "token probabilities are not the model's: another model, or a more heavily quantised one",
  other_tokens: "the likeliest tokens are not the model's",
  no_probabilities: 'token probabilities are missing, which the task asks for',
  other_text: 'the stated tokens do not join to the text',
  other_image: 'another image than the model makes from this request',
  other_hash: 'another image than the model makes from this request',
  other_size: 'the image has another size than was asked for',
  not_an_image: 'what came is no image',
  safety_flag: 'flagged as unsafe where the validator does not, or the other way',
  other_embedding: 'another embedding or picture than the model gives',
  other_count: 'another number of images than was asked for',
  empty: 'the answer held nothing',
  no_turn: 'waited for its turn until the period was over: more is stated than is served at once',
  broke_off: 'the answer broke off',
  address_refused: 'the axon on chain is no address that may be asked',
  no_prompt: 'the validator had no prompt for it: counts for nothing',
  period_over: 'the validator was late with it: counts for nothing',
  no_seed: 'the request had no seed to make it again by: counts for nothing',
  unclear_judge: "the validator's judge of images gave no clear answer: counts for nothing",
  no_checker: 'the validator has no means to check this task: counts for nothing',
  answer_lost: 'the validator lost the answer before it was checked: counts for nothing',
  judged: 'scored by its image alone, as an open category is',
  nothing_compared: 'nothing in it could be compared: counts for nothing',
  uncheckable: "checks of your answers fail far more often than other miners': something in them breaks the check",
  checker_failed: "the validator's own check failed: counts for nothing",
};

/** In words; for a reason that this version does not know, the reason itself with its gaps closed. */
export function requestReason(reason: string): string {
  const known = Object.hasOwn(WORDS, reason) ? WORDS[reason] : undefined;
  const status = /^refused_(\d{3})$/.exec(reason)?.[1];
  return known ?? (status === undefined ? reason.replaceAll('_', ' ') : `answered with status ${status}`);
}
