import type { BlockRef, Signer } from '../../core/chain.ts';
import type { SeineError } from '../../core/errors.ts';
import type { Obstacle } from '../chain-port.ts';
import type { ChainEvent, View } from './storage.ts';

/** A call as it is encoded. */
export interface Call {
  pallet: string;
  name: string;
  args: readonly unknown[];
}

/** What is in a call's way, and the error that says so; none when nothing is. */
export interface Preflight {
  obstacles: Obstacle[];
  error: SeineError | null;
}

export type IndexedEvent = ChainEvent & { index: number };

/** Something that a signed call is to bring about. */
export interface Submission<T> {
  /** The address that signs. */
  address: string;
  /** What the call is for, if the chain has it already at the view. */
  settled?: (view: View) => Promise<T | null>;
  preflight?: (view: View) => Promise<Preflight>;
  /** The call to make, as the chain stands at the view. */
  build: (view: View) => Promise<Call>;
  /** The result of a call that succeeded in this final block. */
  result: (block: BlockRef, events: readonly IndexedEvent[]) => Promise<T>;
}

/** Brings a submission about: it is sent until the chain shows its outcome in a final block. */
export type Submit = <T>(submission: Submission<T>, signer: Signer) => Promise<T>;

export function nameOf({ pallet, name }: Call): string {
  return `${pallet}.${name}`;
}

export const CLEAR: Preflight = { obstacles: [], error: null };
