/**
 * Cosine of the angle between two vectors, -1 to 1; null where their lengths differ or one holds what is no number. Of a vector without direction it is 1 with its
 * like and 0 with any other.
 */
export function cosineOf(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  if (a.length !== b.length || a.length === 0) return null;
  let [dot, ofA, ofB] = [0, 0, 0];
  for (let index = 0; index < a.length; index += 1) {
    const [x, y] = [a[index] ?? 0, b[index] ?? 0];
    dot += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  if (!Number.isFinite(dot) || !Number.isFinite(ofA) || !Number.isFinite(ofB)) return null;
  if (ofA === 0 || ofB === 0) return ofA === ofB ? 1 : 0;
  return dot / (Math.sqrt(ofA) * Math.sqrt(ofB));
}
