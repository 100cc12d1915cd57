import { SeineError } from '../core/errors.ts';
import type { Remedy } from '../core/errors.ts';
import type { ByteBudget, WeightObstacle } from './chain-port.ts';

/** No node answers. */
export class ChainUnreachableError extends SeineError {
  constructor(endpoint: string, waitedMs: number, cause?: unknown) {
    super(
      'ChainUnreachable',
      `no node answers at ${endpoint} (waited ${Math.round(waitedMs / 1000)} s): check that it runs`,
      {
        details: { endpoint, waitedMs },
        remedy: 'retry',
        exitCode: 3,
        cause,
      },
    );
  }
}

/** The node speaks of another kind of chain, or of a runtime without something that Seine reads. */
export class ChainUnsupportedError extends SeineError {
  constructor(missing: string, details: Readonly<Record<string, unknown>> = {}) {
    super('ChainUnsupported', `the chain has no ${missing}: connect to a Subtensor node (spec 425 or later)`, {
      details,
    });
  }
}

/** Sent, and neither in a block nor refused within the time given. Calling again finds out, and sends nothing twice. */
export class OutcomeUnknownError extends SeineError {
  constructor(call: string, waitedMs: number) {
    super('OutcomeUnknown', `${call} is in no final block after ${Math.round(waitedMs / 1000)} s: try again`, {
      details: { call, waitedMs },
      remedy: 'retry',
    });
  }
}

export class NotRegisteredError extends SeineError {
  constructor(netuid: number, hotkey: string) {
    super('NotRegistered', `hotkey ${hotkey} is not registered on subnet ${netuid}: register it first`, {
      details: { netuid, hotkey },
    });
  }
}

/** The epoch's byte budget can't take the commitment. */
export class SpaceLimitExceededError extends SeineError {
  constructor(bytes: number, budget: ByteBudget) {
    const { usedBytes, maxBytes, refillsAtBlock } = budget;
    const fits = bytes <= maxBytes;
    super(
      'SpaceLimitExceeded',
      fits
        ? `${usedBytes} of ${maxBytes} bytes are used in epoch ${budget.epoch}; ${bytes} more fit from block ${refillsAtBlock} on`
        : `${bytes} bytes are more than the ${maxBytes} of a whole epoch`,
      { details: { bytes, ...budget }, remedy: fits ? 'wait' : 'never' },
    );
  }
}

/** The chain did not take an extrinsic, or took it and it failed. */
export class ExtrinsicRefusedError extends SeineError {
  constructor(call: string, refusal: { name: string; meaning: string; remedy: Remedy }) {
    super('ExtrinsicRefused', `${call} was refused, ${refusal.name}: ${refusal.meaning}`, {
      details: { call, refusal: refusal.name },
      remedy: refusal.remedy,
    });
  }
}

/** Weights that the chain would refuse; `details.obstacles` says why, each with the block at which it passes. */
export class WeightsRefusedError extends SeineError {
  constructor(netuid: number, obstacles: readonly WeightObstacle[]) {
    super('WeightsRefused', `weights on subnet ${netuid} can't be set: ${obstacles.map((o) => o.message).join('; ')}`, {
      details: { netuid, obstacles },
      remedy: obstacles.every((obstacle) => obstacle.passesAtBlock !== null) ? 'wait' : 'never',
    });
  }
}

/** The chain holds another commitment of this hotkey where this one should stand. */
export class SequenceConflictError extends SeineError {
  constructor(manifest: { digest: string; seq: number }, held: { manifest: string; seq: number; block: number }) {
    super(
      'SequenceConflict',
      `manifest ${manifest.seq} can't be committed: since block ${held.block} the chain holds manifest ${held.seq} (${held.manifest}) ` +
        'of this hotkey. Is another machine using the key, or was its outbox lost?',
      { details: { manifest, held } },
    );
  }
}
