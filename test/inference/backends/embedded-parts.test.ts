import { describe, expect, it } from 'vitest';
import { drawToken } from '../../../src/inference/backends/embedded/draw-token.ts';
import { createEmbeddings } from '../../../src/inference/backends/embedded/embeddings.ts';
import type { LlamaModel } from '../../../src/inference/backends/embedded/llama.ts';
import { readNext } from '../../../src/inference/backends/embedded/next-token.ts';
import { createStopWatch } from '../../../src/inference/backends/embedded/stop-watch.ts';
import { tokenTexts } from '../../../src/inference/backends/embedded/token-text.ts';
import { createTurns } from '../../../src/inference/backends/embedded/turns.ts';
import { EnginesMissing, loadPackage } from '../../../src/inference/engines/load-package.ts';
import { embeddingRequest } from '../../../src/inference/wire/embeddings.ts';

const rated = [0.6, 0.3, 0.1].map((probability, id) => ({ id, logprob: Math.log(probability) }));
const shares = (temperature: number, top_p: number): number[] => {
  const drawn = Array.from({ length: 3000 }, (_, place) => drawToken(rated, { temperature, top_p, seed: 's' }, place));
  return [0, 1, 2].map((id) => drawn.filter((one) => one === id).length / drawn.length);
};

describe('drawToken', () => {
  it('draws by probability, temperature and top_p, and the same again', () => {
    expect(shares(1, 1).map((share) => Math.round(share * 20))).toEqual([12, 6, 2]);
    expect(shares(0, 1)).toEqual([1, 0, 0]);
    expect(shares(1, 0.85)[2]).toBe(0);
    // Squares of .6, .3 and .1, to their sum.
    expect(shares(0.5, 1)[0]).toBeCloseTo(0.36 / 0.46, 1);
    expect(shares(1, 1)).toEqual(shares(1, 1));
  });
});

describe('readNext', () => {
  it('makes probabilities of logits and their total weight', () => {
    const logits = new Map([3, 2, 0].map((logit, id) => [id, logit]));
    const total = Math.exp(0) + Math.exp(-1) + Math.exp(-3) + 0.5;
    const next = readNext({ next: { logits, totalLogitWeight: total } }, [1, 2]);
    expect(next.rated.map(({ id }) => id)).toEqual([0, 1, 2]);
    expect(next.rated[0]?.logprob).toBeCloseTo(-Math.log(total), 12);
    expect(next.end_logprob).toBeCloseTo(Math.log((Math.exp(-1) + Math.exp(-3)) / total), 12);
    expect(readNext({ next: { logits, totalLogitWeight: total } }, []).end_logprob).toBe(-9999);
    expect(() => readNext(undefined, [])).toThrow('no logits');
  });
});

describe('createStopWatch', () => {
  const run = (stops: string[], texts: string[]) => {
    const watch = createStopWatch<{ text: string }>(stops);
    const said = texts.map((text) => watch.push({ text }).map((token) => token.text));
    return { said, left: watch.finish().map((token) => token.text), stopped: watch.isStopped() };
  };

  it('holds back what may begin a stop, and cuts a token that holds one', () => {
    expect(run([], ['a', 'b'])).toEqual({ said: [['a'], ['b']], left: [], stopped: false });
    expect(run(['xyz'], ['aa', 'bx', 'yz.'])).toEqual({ said: [[], ['aa'], ['b']], left: [], stopped: true });
    expect(run(['xyz'], ['aa', 'bx', 'y'])).toMatchObject({ left: ['bx', 'y'], stopped: false });
  });
});

describe('createEmbeddings', () => {
  it('tries again to open what could not be opened, and closes all the same', async () => {
    let tries = 0;
    const context = {
      getEmbeddingFor: () => Promise.resolve({ vector: [3, 4] }),
      dispose: () => Promise.resolve(),
    };
    const model = {
      tokenize: () => [1],
      createEmbeddingContext: () => {
        tries += 1;
        return tries < 3 ? Promise.reject(new Error('no memory')) : Promise.resolve(context);
      },
    } as unknown as LlamaModel;
    const embeddings = createEmbeddings('m', model, { contextTokens: 8, threads: 1 });
    const { signal } = new AbortController();
    const ask = () => embeddings.answer(embeddingRequest.parse({ model: 'm', input: 'a' }), ['a'], signal);
    await expect(ask()).rejects.toThrow('no memory');
    await expect(ask()).rejects.toThrow('no memory');
    await embeddings.close();
    expect((await ask()).body).toMatchObject({ data: [{ embedding: [0.6, 0.8] }] });
    await embeddings.close();
  });
});

describe('tokenTexts', () => {
  it('gives a character with the last of its pieces', () => {
    const bytes = Buffer.from('aé€');
    const model = {
      detokenize: (tokens: readonly number[]) => new TextDecoder().decode(Uint8Array.from(tokens)),
      isSpecialToken: () => false,
    };
    const texts = tokenTexts(model, []);
    expect([...bytes].map((byte) => texts.push(byte))).toEqual(['a', '', 'é', '', '', '€']);
  });
});

describe('createTurns', () => {
  it('lends in order, refuses beyond its places, and lets go of whoever aborts', async () => {
    const turns = createTurns('x', ['one'], 2);
    const never = new AbortController().signal;
    const leaving = new AbortController();
    let end = (): void => undefined;
    const first = turns.use(never, () => new Promise<void>((resolve) => (end = resolve)));
    const second = turns.use(leaving.signal, () => Promise.resolve('second'));
    const third = turns.use(never, (thing) => Promise.resolve(thing));
    await expect(turns.use(never, () => Promise.resolve())).rejects.toThrow('is busy');
    leaving.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    end();
    await first;
    expect(await third).toBe('one');
    await turns.idle();
  });
});

describe('loadPackage', () => {
  it('says how to get what is not there', async () => {
    await expect(loadPackage(undefined, 'node-llama-cpp')).rejects.toThrow(EnginesMissing);
    await expect(loadPackage('/nowhere', 'node-llama-cpp')).rejects.toThrow('node stack/setup.mjs --engines');
  });
});
