import { SeineError } from '../../core/errors.ts';

/** A proof that does not show what it says. */
export class ProofInvalidError extends SeineError {
  constructor(reason: string, details: Readonly<Record<string, unknown>> = {}) {
    super('ProofInvalid', `the proof of the commitment does not hold: ${reason}`, { details });
  }
}

/** A proof of a block whose header can't show the commitment. Whoever wants to check it must read that block's state. */
export class ProofNeedsArchiveError extends SeineError {
  constructor(netuid: number, hotkey: string, block: number) {
    super(
      'ProofNeedsArchive',
      `the chain gave no proof of what ${hotkey} held on subnet ${netuid} at block ${block}: check it with an archive node ` +
        '(setting subtensor.archive)',
      { details: { netuid, hotkey, block, setting: 'subtensor.archive' } },
    );
  }
}
