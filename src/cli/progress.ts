/** One step of something a person waits for. */
export interface Progress {
  /** What is being done: `scraping`, `waiting for epoch 2`. */
  step: string;
  done?: number;
  total?: number;
  /** Of `done` and `total`: `pages`, `MB`. */
  unit?: string;
}

export function progressText({ step, done, total, unit }: Progress): string {
  if (done === undefined) return `${step} …`;
  const amount = total === undefined ? `${done}` : `${done} of ${total}`;
  return `${step} … ${amount}${unit === undefined ? '' : ` ${unit}`}`;
}

/**
 * Decides which progress a log that can't be rewritten gets as a line: every new step, its end, and each further tenth (or, where
 * no total is known, each doubling).
 */
export function createThinner(): (progress: Progress) => boolean {
  let step: string | null = null;
  let mark = 0;
  return (progress) => {
    const next = markOf(progress);
    const show = progress.step !== step || next > mark;
    if (show) mark = next;
    step = progress.step;
    return show;
  };
}

function markOf({ done = 0, total }: Progress): number {
  if (total === undefined) return done < 1 ? 0 : 1 + Math.floor(Math.log2(done));
  return total === 0 ? 0 : Math.floor((10 * done) / total);
}
