/** Holds back tokens until they can't belong to a text that ends the answer. */
export interface StopWatch<Token extends { text: string }> {
  /** The tokens that are surely of the answer. */
  push: (token: Token) => Token[];
  isStopped: () => boolean;
  /** What was held back, once the answer has ended otherwise. */
  finish: () => Token[];
}

/** @param stops texts that end an answer; they are no part of it */
export function createStopWatch<Token extends { text: string }>(stops: readonly string[]): StopWatch<Token> {
  const longest = Math.max(0, ...stops.map((stop) => stop.length));
  let held: Token[] = [];
  let stopped = false;

  const takeAll = (): Token[] => {
    const all = held;
    held = [];
    return all;
  };

  return {
    push(token) {
      held.push(token);
      const text = held.map((item) => item.text).join('');
      const found = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0);
      if (found.length > 0) {
        stopped = true;
        return cut(takeAll(), Math.min(...found));
      }
      let sure = text.length - Math.max(longest - 1, 0);
      const count = held.findIndex((item) => (sure -= item.text.length) < 0);
      return count === -1 ? takeAll() : held.splice(0, count);
    },
    isStopped: () => stopped,
    finish: takeAll,
  };
}

/** The tokens of the first characters; of one across the end its beginning. */
function cut<Token extends { text: string }>(tokens: readonly Token[], length: number): Token[] {
  let left = length;
  return tokens.flatMap((token) => {
    const text = token.text.slice(0, Math.max(left, 0));
    left -= token.text.length;
    return text === '' ? [] : [{ ...token, text }];
  });
}
