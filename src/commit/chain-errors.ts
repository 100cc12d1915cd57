import { SeineError } from '../core/errors.ts';
import type { Remedy } from '../core/errors.ts';
import type { ByteBudget, Obstacle, WeightObstacle } from './chain-port.ts';

/** An endpoint and what is wrong with it. */
export interface EndpointTrouble {
  endpoint: string;
  trouble: string;
}

/** None of the endpoints answers. */
export class ChainUnreachableError extends SeineError {
  constructor(endpoints: readonly EndpointTrouble[], waitedMs: number, cause?: unknown) {
    const each = endpoints.map(({ endpoint, trouble }) => `${endpoint} (${trouble})`).join(', ');
    super(
      'ChainUnreachable',
      `no node answers at ${each}; waited ${Math.round(waitedMs / 1000)} s: check that one runs`,
      {
        details: { endpoints, waitedMs },
        remedy: 'retry',
        exitCode: 3,
        cause,
      },
    );
  }
}

/** An endpoint of another chain than the one that this connection began with. It is not asked again. */
export class ForeignEndpointError extends SeineError {
  constructor(endpoint: string, what: { name: string; expected: string; found: string }) {
    super(
      'ForeignEndpoint',
      `${endpoint} is on another chain: its ${what.name} is ${what.found}, not ${what.expected}; take it off the list`,
      { details: { endpoint, ...what }, exitCode: 2 },
    );
  }
}

/** A part of a runtime's metadata that Seine uses. */
export interface MissingShape {
  kind: 'call' | 'storage' | 'event' | 'error' | 'constant' | 'runtime API';
  /** `Pallet.name`. */
  name: string;
  /** What the metadata has in its place; null where it has nothing. */
  found: string | null;
  /** How Seine reads and writes it. */
  expected: string;
}

/** The node speaks of another kind of chain, or of a runtime without something that Seine uses. */
export class ChainUnsupportedError extends SeineError {
  constructor(missing: readonly string[], details: Readonly<Record<string, unknown>> = {}) {
    super(
      'ChainUnsupported',
      `the chain has no ${missing.join(', no ')}: connect to another endpoint, or use a version of Seine made for this runtime`,
      { details: { missing, ...details }, exitCode: 2 },
    );
  }
}

/** A block that the node does not have: it is not built yet, or was replaced, or this node lags behind the one asked before. */
export class BlockNotThereError extends SeineError {
  constructor(block: number | string) {
    super('BlockNotThere', `block ${block} is not there (yet)`, { details: { block }, remedy: 'retry' });
  }
}

/** The node has let go of a block's state, and no archive node is configured. */
export class ChainStateDiscardedError extends SeineError {
  constructor(block: number | string, cause?: unknown) {
    super(
      'ChainStateDiscarded',
      `the node keeps no state of block ${block} any more: name an archive endpoint (setting subtensor.archive)`,
      { details: { block, setting: 'subtensor.archive' }, cause },
    );
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

/** Another sender of the hotkey has committed since the caller looked; who looks again sees what is left to do. */
export class CommitOvertakenError extends SeineError {
  constructor(hotkey: string, block: number) {
    super('CommitOvertaken', `another commitment of ${hotkey} came in block ${block}: look again`, {
      details: { hotkey, block },
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

/** A call that the chain would refuse; `details.obstacles` says why, each with the block at which it passes. */
export class CallHinderedError extends SeineError {
  constructor(call: string, obstacles: readonly Obstacle[]) {
    super('CallHindered', `${call} would fail: ${obstacles.map(({ message }) => message).join('; ')}`, {
      details: { call, obstacles },
      remedy: obstacles.every(({ passesAtBlock }) => passesAtBlock !== null) ? 'wait' : 'never',
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
