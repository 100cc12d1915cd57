import { expect, it } from 'vitest';
import { isCutShort } from '../../../src/scoring/inference/checks/text-end.ts';

const length = { is_length: true, end_ppt: 0, tokens: 100, max_tokens: 100, has_stop_words: false };
const end = { ...length, is_length: false, tokens: 10, end_ppt: 1 };

it('lets an answer end where the verifier could, or at a word that was asked for', () => {
  expect(isCutShort(end)).toBe(false);
  expect(isCutShort({ ...end, end_ppt: 0 })).toBe(true);
  expect(isCutShort({ ...end, end_ppt: 0, has_stop_words: true })).toBe(false);
});

it('lets an answer end for its length once it has it, up to what a tokenizer joins', () => {
  expect(isCutShort(length)).toBe(false);
  expect(isCutShort({ ...length, tokens: 95 })).toBe(false);
  expect(isCutShort({ ...length, tokens: 94 })).toBe(true);
  expect(isCutShort({ ...length, tokens: 0, max_tokens: 1 })).toBe(false);
  expect(isCutShort({ ...length, tokens: 1, max_tokens: null })).toBe(false);
});
