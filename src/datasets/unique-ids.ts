import { sha256 } from '../core/hash/sha256.ts';

/**
 * Notices an id that comes twice, at 8 bytes a row. An id twice is always noticed; two different ids are taken for one with a chance
 * of 3 in a million at ten million rows. The salt keeps anybody from choosing ids that collide: it has to depend on all of the dataset.
 */
export class UniqueIds {
  readonly #salt: string;
  #hashes = new BigUint64Array(1024);
  #count = 0;

  constructor(salt: string) {
    this.#salt = salt;
  }

  add(id: string): void {
    if (this.#count === this.#hashes.length) {
      const larger = new BigUint64Array(this.#count * 2);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes[this.#count++] = Buffer.from(sha256(`${this.#salt} ${id}`)).readBigUInt64LE();
  }

  /** Ids that came more than once. */
  repeated(): number {
    const sorted = this.#hashes.slice(0, this.#count).sort();
    let repeated = 0;
    for (let index = 1; index < sorted.length; index++) if (sorted[index] === sorted[index - 1]) repeated += 1;
    return repeated;
  }
}
