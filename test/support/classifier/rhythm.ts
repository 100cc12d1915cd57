/** Beats that are tried: up to 1,100 between the first request and the last, which may come in the middle of one. */
const MOST_BEATS = 4400;
const BEAT_STEP = 0.25;
const KEPT = 3;

/**
 * Where each request stands in the beats that synthetic requests keep and others don't: cosine and sine of its phase in the three strongest. Beats are found
 * among the requests whose label is known.
 * @param labels synthetic or not; null: unknown, and not looked at
 */
export function phasesOf(times: readonly number[], labels: readonly (boolean | null)[]): number[][] {
  const [start, end] = [Math.min(...times), Math.max(...times)];
  const length = Math.max(end - start, 1);
  const places = times.map((time) => (time - start) / length);
  const beats = Array.from({ length: MOST_BEATS }, (_, index) => (index + 1) * BEAT_STEP)
    .map((beat) => ({ beat, strength: strengthOf(beat, places, labels) }))
    .sort((a, b) => b.strength - a.strength)
    .slice(0, KEPT)
    .map(({ beat }) => beat);
  return places.map((place) =>
    beats.flatMap((beat) => [Math.cos(2 * Math.PI * beat * place), Math.sin(2 * Math.PI * beat * place)]),
  );
}

/** Distance between the mean phases of the two kinds, 0 to 2. */
function strengthOf(beat: number, places: readonly number[], labels: readonly (boolean | null)[]): number {
  const synthetic = { cos: 0, sin: 0, count: 0 };
  const others = { cos: 0, sin: 0, count: 0 };
  places.forEach((place, index) => {
    const label = labels[index] ?? null;
    if (label === null) return;
    const sum = label ? synthetic : others;
    const angle = 2 * Math.PI * beat * place;
    sum.cos += Math.cos(angle);
    sum.sin += Math.sin(angle);
    sum.count += 1;
  });
  const [yes, no] = [Math.max(synthetic.count, 1), Math.max(others.count, 1)];
  return Math.hypot(synthetic.cos / yes - others.cos / no, synthetic.sin / yes - others.sin / no);
}
