import type { LlamaModel, TokenId } from './llama.ts';

/** A tokenizer may look at what stands before a token to write it: at its last few. */
const SEEN_BEFORE = 8;
/** A character has at most four bytes, each of which may be a token. */
const MOST_PIECES = 4;
const PIECE = '\uFFFD';

/** Texts of the tokens of a text in their order. */
export interface TokenTexts {
  /** Its text; empty for the pieces of a character but the last, which has it whole. Together they are the text. */
  push: (token: TokenId) => string;
  /** The text of a token that could stand here. */
  alternative: (token: TokenId) => string;
}

/** @param before tokens of the prompt */
export function tokenTexts(
  model: Pick<LlamaModel, 'detokenize' | 'isSpecialToken'>,
  before: readonly TokenId[],
): TokenTexts {
  let last = before.slice(-SEEN_BEFORE);
  let pieces: TokenId[] = [];
  return {
    push(token) {
      pieces = [...pieces, token];
      const text = model.detokenize(pieces, false, last);
      if (text.endsWith(PIECE) && pieces.length < MOST_PIECES) return '';
      last = [...last, ...pieces].slice(-SEEN_BEFORE);
      pieces = [];
      return text;
    },
    alternative: (token) => model.detokenize([token], model.isSpecialToken(token), last),
  };
}
