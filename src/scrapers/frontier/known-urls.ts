/**
 * URLs that the frontier is known to have seen, so that a link that every page carries is sent to it once. Bounded: it may forget a
 * URL, which is then sent once more; it never takes a new one for known.
 */
export class KnownUrls {
  #young = new Set<string>();
  #old = new Set<string>();
  readonly #most: number;

  /** @param most URLs that are remembered at least, once there were so many; twice as many at most */
  constructor(most: number) {
    this.#most = most;
  }

  has(url: string): boolean {
    return this.#young.has(url) || this.#old.has(url);
  }

  add(url: string): void {
    if (this.#young.size >= this.#most) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(url);
  }
}
