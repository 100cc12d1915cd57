import { describe, expect, it } from 'vitest';
import { readPoolError } from '../../src/commit/subtensor/refusals.ts';

const rpcError = (code: number, message: string): Error => Object.assign(new Error(`${code}: ${message}`), { code });

describe('readPoolError', () => {
  it.each([
    [1, 'never', 'stake'],
    [6, 'wait', 'rate limit'],
    [10, 'never', 'hotkey'],
    [12, 'wait', 'serving'],
  ])('names InvalidTransaction::Custom(%i)', (code, remedy, word) => {
    expect(readPoolError(rpcError(1010, `Invalid Transaction: Custom error: ${code}`))).toEqual({
      kind: 'refused',
      refusal: {
        name: `InvalidTransaction::Custom(${code})`,
        meaning: expect.stringContaining(word) as string,
        remedy,
      },
    });
  });

  it('tells a nonce that is taken from a refusal', () => {
    expect(readPoolError(rpcError(1010, 'Invalid Transaction: Transaction is outdated'))).toEqual({
      kind: 'contended',
    });
    expect(readPoolError(rpcError(1014, 'Priority is too low'))).toEqual({ kind: 'contended' });
    expect(readPoolError(rpcError(1013, 'Transaction Already Imported'))).toEqual({ kind: 'known' });
  });

  it('says what an account without a balance needs', () => {
    const answer = readPoolError(
      rpcError(1010, 'Invalid Transaction: Inability to pay some fees , e.g. account balance too low'),
    );
    expect(answer).toMatchObject({ kind: 'refused', refusal: { name: 'InvalidTransaction::Payment' } });
  });

  it('knows what is no answer of a pool', () => {
    expect(readPoolError(new Error('disconnected from ws://…: 1006'))).toBeNull();
  });
});
