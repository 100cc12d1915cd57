import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeCommitmentText, encryptCommitment } from '../../src/commit/timelock/commitment-payload.ts';
import { decryptWith, encryptFor } from '../../src/commit/timelock/encrypt.ts';
import { revealRound, storedSchedule } from '../../src/commit/timelock/reveal-round.ts';
import { encodeWeights, encryptWeights } from '../../src/commit/timelock/weights-payload.ts';
import { QUICKNET } from '../../src/core/drand/beacon.ts';
import { signRound } from '../../src/core/drand/signature.ts';
import { cloneRoot, readParts } from '../../stack/parts.ts';

// The judge knows no beacon but quicknet, so both sides encrypt to a round of its past.
const ROUND = 1000;
const SIGNATURE = 'b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39';

interface Request {
  open?: { ciphertext: string; round: number; signature: string }[];
  seal?: { plaintext: string; round: number }[];
  commits?: Record<string, unknown>[];
}

interface Answer {
  opened: (string | null)[];
  sealed: string[];
  commits: { round: number; bytes: number; before: number; after: number }[];
}

/** Asks bittensor-drand. */
function judge(request: Request): Answer {
  const output = execFileSync('python3', [join(cloneRoot, 'test', 'judges', 'timelock.py')], {
    input: JSON.stringify({ open: [], seal: [], commits: [], ...request }),
    env: { ...process.env, PYTHONPATH: readParts().python?.packages ?? process.env['PYTHONPATH'] },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return JSON.parse(output) as Answer;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const weights = {
  hotkeyPublicKey: Buffer.alloc(32, 0xcd),
  uids: [0, 1, 300],
  values: [65_535, 7, 12_345],
  versionKey: 2n ** 63n,
};

describe("Bittensor's own time-lock library", () => {
  it('opens our weights, commitments and bytes of any length', () => {
    const text = `s1:${'A'.repeat(43)}:1:2:`;
    const plaintexts = [0, 1, 63, 5000].map((size) => Buffer.alloc(size, size));
    const ciphertexts = [
      encryptWeights({ ...weights, beacon: QUICKNET, round: ROUND }),
      encryptCommitment({ text, beacon: QUICKNET, round: ROUND }),
      ...plaintexts.map((plaintext) => encryptFor(QUICKNET, ROUND, plaintext)),
    ];
    const open = ciphertexts.map((ciphertext) => ({ ciphertext: hex(ciphertext), round: ROUND, signature: SIGNATURE }));
    const expected = [encodeWeights(weights), encodeCommitmentText(text), ...plaintexts];
    expect(judge({ open }).opened).toEqual(expected.map(hex));
  });

  it('is read by us', () => {
    const plaintexts = [0, 1, 63, 5000].map((size) => hex(Buffer.alloc(size, size)));
    const { sealed } = judge({ seal: plaintexts.map((plaintext) => ({ plaintext, round: ROUND })) });
    const signature = Buffer.from(SIGNATURE, 'hex');
    expect(sealed.map((item) => hex(decryptWith(signature, Buffer.from(item, 'hex'))))).toEqual(plaintexts);
  });

  it('refuses what we refuse: another signature, a changed body, bytes cut off', () => {
    const good = Buffer.from(encryptFor(QUICKNET, ROUND, Buffer.from('a')));
    const changed = Buffer.from(good);
    changed.writeUInt8(changed.readUInt8(200) ^ 1, 200);
    const open = [
      { ciphertext: hex(good), round: ROUND, signature: hex(signRound(Buffer.alloc(32, 1), ROUND)) },
      { ciphertext: hex(changed), round: ROUND, signature: SIGNATURE },
      { ciphertext: hex(good.subarray(0, -1)), round: ROUND, signature: SIGNATURE },
    ];
    expect(judge({ open }).opened).toEqual([null, null, null]);
    for (const { ciphertext, signature } of open) {
      expect(() => decryptWith(Buffer.from(signature, 'hex'), Buffer.from(ciphertext, 'hex'))).toThrow();
    }
  });

  it('chooses the same round and takes as many bytes', () => {
    const states = [
      { block: 10, lastEpochBlock: 10, pendingEpochAt: 0, tempo: 50, period: 1 },
      { block: 91, lastEpochBlock: 80, pendingEpochAt: 95, tempo: 20, period: 1 },
      { block: 59, lastEpochBlock: 10, pendingEpochAt: 0, tempo: 50, period: 2 },
      { block: 6_000_000, lastEpochBlock: 5_999_700, pendingEpochAt: 0, tempo: 360, period: 3 },
      { block: 500, lastEpochBlock: 100, pendingEpochAt: 0, tempo: 360, period: 1 },
    ];
    const commits = states.map(({ block, lastEpochBlock, pendingEpochAt, tempo, period }) => ({
      uids: weights.uids,
      weights: weights.values,
      version_key: 3,
      last_epoch_block: lastEpochBlock,
      pending_epoch_at: pendingEpochAt,
      subnet_epoch_index: 7,
      tempo,
      blocks_since_last_step: block - lastEpochBlock,
      current_block: block,
      subnet_reveal_period_epochs: period,
      block_time: 12,
      hotkey: hex(weights.hotkeyPublicKey),
    }));
    const answers = judge({ commits }).commits;
    expect(answers).toHaveLength(states.length);
    for (const [index, { period, ...state }] of states.entries()) {
      const { round, bytes, before, after } = answers[index] as Answer['commits'][number];
      const schedule = storedSchedule(state);
      const ours = (nowSeconds: number): number =>
        revealRound({ schedule, revealPeriodEpochs: period, blockTimeSeconds: 12, nowSeconds, beacon: QUICKNET });
      // The library reads the clock itself, somewhere between the two times.
      expect([ours(before), ours(after)]).toContain(round);
      expect(bytes).toBe(encryptWeights({ ...weights, beacon: QUICKNET, round }).length);
    }
  });
});
