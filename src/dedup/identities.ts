import { createHash } from 'node:crypto';
import { MIN_SKELETON_LENGTH, skeleton } from './skeleton.ts';

/** Bytes of a key. Half of SHA-256: miners profit from collisions, and 2^64 work for one is too dear. */
export const KEY_BYTES = 16;

/** The key that decides whether a row is included: over its canonical id. */
export function recordKey(id: string): Buffer {
  return keyOf(id);
}

/**
 * The key that decides whether a row is paid: over the skeleton of its text. Null where the skeleton is shorter than 64 code
 * points, because short texts are said by many.
 */
export function textKey(text: string): Buffer | null {
  const bones = skeleton(text);
  // Code units are at least as many as code points, so most short texts need no count.
  if (bones.length < MIN_SKELETON_LENGTH || Array.from(bones).length < MIN_SKELETON_LENGTH) return null;
  return keyOf(bones);
}

/** The key over a row's media, in any order; null where there are none, or where one's digest is not known. */
export function mediaKey(media: readonly { sha256: string | null }[]): Buffer | null {
  const digests = media.map(({ sha256 }) => sha256);
  if (digests.length === 0 || digests.includes(null)) return null;
  return keyOf(digests.sort().join(' '));
}

function keyOf(text: string): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, KEY_BYTES);
}
