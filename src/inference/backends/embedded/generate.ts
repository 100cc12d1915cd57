import type { RatedToken } from '../../checks/prefill.ts';
import { drawToken } from './draw-token.ts';
import type { Sampling } from './draw-token.ts';
import { DRAWN_FROM } from './draw-token.ts';
import type { LlamaModel, LlamaSequence, TokenId } from './llama.ts';
import { feed } from './feed.ts';
import { readNext } from './next-token.ts';
import { createStopWatch } from './stop-watch.ts';
import { tokenTexts } from './token-text.ts';

/** A token of an answer, as it is stated. */
export interface WrittenToken extends RatedToken {
  /** The likeliest at its place, likeliest first. */
  top: readonly RatedToken[];
}

export interface Writing {
  model: LlamaModel;
  sequence: LlamaSequence;
  prompt: readonly TokenId[];
  ends: readonly TokenId[];
  sampling: Sampling;
  /** At least 1. */
  maxTokens: number;
  stop: readonly string[];
  /** Alternatives that are stated of each token. */
  top: number;
  signal: AbortSignal;
}

/** Writes an answer, a token at a time. Returns why it ended; throws the reason of the signal, and what the engine throws. */
export async function* writeTokens(writing: Writing): AsyncGenerator<WrittenToken, 'stop' | 'length'> {
  const { model, sequence, ends, sampling, maxTokens, signal } = writing;
  const texts = tokenTexts(model, writing.prompt);
  const watch = createStopWatch<WrittenToken>(writing.stop);
  const asked = sampling.temperature === 0 ? Math.max(writing.top, 1) : DRAWN_FROM;
  await sequence.clearHistory();
  let stated = await feed(sequence, writing.prompt, [], { top: asked, ends, signal });
  for (let position = 0; ; position++) {
    const { rated } = readNext(stated.at(-1), ends);
    const id = drawToken(rated, sampling, position);
    if (ends.includes(id)) {
      yield* watch.finish();
      return 'stop';
    }
    const logprob = rated.find((item) => item.id === id)?.logprob ?? 0;
    const top = rated
      .slice(0, writing.top)
      .map((item) => ({ text: texts.alternative(item.id), logprob: item.logprob }));
    yield* watch.push({ text: texts.push(id), logprob, top });
    if (watch.isStopped()) return 'stop';
    if (position + 1 === maxTokens) {
      yield* watch.finish();
      return 'length';
    }
    stated = await feed(sequence, [id], [], { top: asked, ends, signal });
  }
}
