import { MAX_TIMELOCKED_BYTES, decodeCommitmentText } from '../timelock/commitment-payload.ts';
import type { Signer } from '../../core/chain.ts';
import { InvalidInputError } from '../../core/errors.ts';
import {
  CommitOvertakenError,
  ExtrinsicRefusedError,
  NotRegisteredError,
  SpaceLimitExceededError,
} from '../chain-errors.ts';
import { fitsBudget } from '../budget.ts';
import type { CommitContent, HeldCommit, Inclusion, RevealedCommit, StandingCommit } from '../chain-port.ts';
import { finality } from './blocks.ts';
import type { Blocks } from './blocks.ts';
import { readBudget } from './epochs.ts';
import { CLEAR } from './submission.ts';
import type { Preflight, Submission, Submit } from './submission.ts';
import type { View } from './storage.ts';

/** A commitment in storage, in the library's JSON form: each field under the name of its variant. */
interface Registration {
  block: number;
  info: { fields: Record<string, unknown>[] };
}

/** What a commitment is made of: text in one Raw field, or a ciphertext and the round that opens it. */
export type CommitField = { kind: 'text'; data: string } | { kind: 'timelocked'; encrypted: Uint8Array; round: number };

/** Text of one Raw field. */
const MAX_RAW_BYTES = 128;
const EVENTS = new Set(['Commitment', 'TimelockCommitment']);

/** What a hotkey has committed at the view's block. */
export async function readHeld(view: View, netuid: number, hotkey: string): Promise<HeldCommit | null> {
  const held = await readRegistration(view, netuid, hotkey);
  return held === null ? null : { ...contentOf(held), data: textOf(held), block: Number(held.block) };
}

async function readRegistration(view: View, netuid: number, hotkey: string): Promise<Registration | null> {
  return (await view.get('commitments', 'commitmentOf', netuid, hotkey)) as Registration | null;
}

export async function readCommits(view: View, netuid: number): Promise<StandingCommit[]> {
  const last = new Map<string, number>();
  (await view.events()).forEach(({ pallet, name, data: [subnet, who] }, index) => {
    if (pallet === 'commitments' && EVENTS.has(name) && Number(subnet) === netuid) last.set(String(who), index);
  });
  const commits: StandingCommit[] = [];
  for (const [hotkey, event] of last) {
    const uid = await readUid(view, netuid, hotkey);
    const held = await readHeld(view, netuid, hotkey);
    // A hotkey that lost its place within the block has no claim to anything.
    if (uid === null || held === null) continue;
    const registered = Number(await view.get('subtensorModule', 'blockAtRegistration', netuid, uid));
    const { number: block, hash: blockHash } = view.block;
    commits.push({ ...held, netuid, hotkey, registered, uid, block, blockHash, event });
  }
  return commits.sort((a, b) => a.event - b.event);
}

export async function readUid(view: View, netuid: number, hotkey: string): Promise<number | null> {
  return (await view.get('subtensorModule', 'uids', netuid, hotkey)) as number | null;
}

/** See Chain.revealedCommits. Bytes that are no text are left out: anybody may encrypt anything. */
export async function readRevealed(view: View, netuid: number, hotkey: string): Promise<RevealedCommit[]> {
  if (!view.has('commitments', 'revealedCommitments')) return [];
  const held = (await view.get('commitments', 'revealedCommitments', netuid, hotkey)) as [string, number][] | null;
  return (held ?? []).flatMap(([hex, block]) => {
    const data = decodeCommitmentText(bytesOf(hex));
    return data === null ? [] : [{ data, block: Number(block) }];
  });
}

/** A commitment to be made. The result is the final block that holds it. */
export function commitSubmission(
  request: { netuid: number; signer: { address: string }; heldSince?: number | null },
  field: CommitField,
): Submission<number> {
  const { netuid } = request;
  const hotkey = request.signer.address;
  const [name, value, sizeBytes] = encodeField(field);
  return {
    address: hotkey,
    settled: async (view) => {
      const held = await readRegistration(view, netuid, hotkey);
      return held !== null && sameAs(held, field) ? Number(held.block) : null;
    },
    preflight: async (view) => {
      const obstacles: Preflight['obstacles'] = [];
      let error: Preflight['error'] = null;
      if ((await readUid(view, netuid, hotkey)) === null) {
        error = new NotRegisteredError(netuid, hotkey);
        obstacles.push({ rule: 'registration', message: error.message, passesAtBlock: null });
      }
      const since = request.heldSince === undefined ? null : await readRegistration(view, netuid, hotkey);
      if (since !== null && Number(since.block) !== request.heldSince) {
        error ??= new CommitOvertakenError(hotkey, Number(since.block));
        obstacles.push({ rule: 'overtaken', message: error.message, passesAtBlock: null });
      }
      const budget = await readBudget(view, netuid, hotkey);
      if (!fitsBudget(budget, sizeBytes).fits) {
        const full = new SpaceLimitExceededError(sizeBytes, budget);
        const passesAtBlock = full.remedy === 'wait' ? budget.refillsAtBlock : null;
        obstacles.push({ rule: 'space', message: full.message, passesAtBlock });
        error ??= full;
      }
      if (field.kind === 'timelocked' && Number(await view.get('drand', 'lastStoredRound')) >= field.round) {
        const message = `round ${field.round} is out already: encrypt to a later one`;
        obstacles.push({ rule: 'round', message, passesAtBlock: null });
        error ??= new InvalidInputError(message, { round: field.round });
      }
      return obstacles.length === 0 ? CLEAR : { obstacles, error };
    },
    build: () =>
      Promise.resolve({
        pallet: 'commitments',
        name: 'setCommitment',
        args: [netuid, { fields: [{ [name]: value }] }],
      }),
    result: (block) => Promise.resolve(block.number),
  };
}

/** See Chain.commit and Chain.commitTimelocked. */
export async function commit(
  submit: Submit,
  blocks: Blocks,
  request: { netuid: number; signer: Signer; heldSince?: number | null },
  field: CommitField,
): Promise<Inclusion> {
  const { netuid, signer } = request;
  const hotkey = signer.address;
  const submission = commitSubmission(request, field);
  for (;;) {
    const number = await submit(submission, signer).catch(async (error: unknown) => {
      throw await named(error);
    });
    await finality(blocks, number);
    const inclusion = await blocks.at(number, async (view) => {
      const found = (await readCommits(view, netuid)).find((item) => item.hotkey === hotkey);
      const held = await readRegistration(view, netuid, hotkey);
      return found === undefined || held === null || !sameAs(held, field)
        ? null
        : { block: view.block, event: found.event };
    });
    if (inclusion !== null) return inclusion; // otherwise a later extrinsic of its block replaced it
  }

  /** The error of its own that a refusal by the pallet has. */
  async function named(error: unknown): Promise<unknown> {
    if (!(error instanceof ExtrinsicRefusedError)) return error;
    const { refusal } = error.details;
    if (refusal === 'commitments.AccountNotAllowedCommit') return new NotRegisteredError(netuid, hotkey);
    if (!FULL.has(String(refusal))) return error;
    const budget = await blocks.at(undefined, (view) => readBudget(view, netuid, hotkey));
    return new SpaceLimitExceededError(encodeField(field)[2], budget);
  }
}

const FULL = new Set(['commitments.SpaceLimitExceeded', 'commitments.CommitmentSetRateLimitExceeded']);

function encodeField(field: CommitField): [variant: string, value: unknown, sizeBytes: number] {
  if (field.kind === 'text') {
    const bytes = Buffer.from(field.data, 'utf8');
    if (bytes.length > MAX_RAW_BYTES) {
      throw new InvalidInputError(`a commitment has at most ${MAX_RAW_BYTES} bytes, not ${bytes.length}: shorten it`);
    }
    return [`Raw${bytes.length}`, hexOf(bytes), bytes.length];
  }
  const { encrypted, round } = field;
  if (encrypted.length > MAX_TIMELOCKED_BYTES) {
    const limit = `at most ${MAX_TIMELOCKED_BYTES} bytes`;
    throw new InvalidInputError(`a time-locked commitment has ${limit}, not ${encrypted.length}: shorten it`);
  }
  return ['TimelockEncrypted', { encrypted: hexOf(encrypted), revealRound: round }, encrypted.length];
}

function sameAs(held: Registration, field: CommitField): boolean {
  const timelocked = timelockedOf(held);
  if (field.kind === 'text') return timelocked === null && textOf(held) === field.data;
  return timelocked !== null && timelocked.encrypted === hexOf(field.encrypted);
}

function contentOf(held: Registration): CommitContent {
  const timelocked = timelockedOf(held);
  return timelocked === null ? { kind: 'text', round: null } : { kind: 'timelocked', round: timelocked.round };
}

function timelockedOf({ info }: Registration): { encrypted: string; round: number } | null {
  const field = info.fields.find((item) => 'timelockEncrypted' in item)?.['timelockEncrypted'];
  if (field === undefined) return null;
  const { encrypted, revealRound } = field as { encrypted: string; revealRound: number };
  return { encrypted, round: Number(revealRound) };
}

/** The bytes of all Raw fields, joined, as text; bytes that are no UTF-8 come out as U+FFFD. */
function textOf({ info }: Registration): string {
  const parts = info.fields.flatMap((field) =>
    Object.entries(field)
      .filter(([kind]) => /^(?:raw\d+|bigRaw)$/i.test(kind))
      .map(([, hex]) => bytesOf(String(hex))),
  );
  return Buffer.concat(parts).toString('utf8');
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replace(/^0x/, ''), 'hex');
}

function hexOf(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}
