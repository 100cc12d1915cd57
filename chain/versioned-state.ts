interface Version {
  block: number;
  value: string | null;
}

/** A chain's storage as it stood after every block. Keys and values are hex, as JSON-RPC has them. */
export class VersionedState {
  readonly #versions = new Map<string, Version[]>();
  /** Every key that ever had a value, sorted: hex sorts as bytes do. */
  #keys: string[] = [];

  /** Applies a block's changes. Blocks come in order. */
  apply(block: number, changes: Readonly<Record<string, string | null>>): void {
    const fresh: string[] = [];
    for (const [key, value] of Object.entries(changes)) {
      const versions = this.#versions.get(key);
      if (versions !== undefined) {
        versions.push({ block, value });
      } else {
        this.#versions.set(key, [{ block, value }]);
        fresh.push(key);
      }
    }
    if (fresh.length > 32) {
      this.#keys = [...this.#keys, ...fresh].sort();
    } else {
      for (const key of fresh) this.#keys.splice(this.#firstAtLeast(key), 0, key);
    }
  }

  /** Takes back every block after this number; gives what each had changed, by its number. */
  rollback(last: number): Map<number, Record<string, string | null>> {
    const undone = new Map<number, Record<string, string | null>>();
    let emptied = false;
    for (const [key, versions] of this.#versions) {
      for (let newest = versions.at(-1); newest !== undefined && newest.block > last; newest = versions.at(-1)) {
        const changes = undone.get(newest.block) ?? {};
        changes[key] = newest.value;
        undone.set(newest.block, changes);
        versions.pop();
      }
      if (versions.length > 0) continue;
      this.#versions.delete(key);
      emptied = true;
    }
    if (emptied) this.#keys = this.#keys.filter((key) => this.#versions.has(key));
    return undone;
  }

  /** The value of a key after a block, or null where it has none. */
  get(key: string, block: number): string | null {
    const versions = this.#versions.get(key) ?? [];
    // Almost every read is of the newest version.
    const newest = versions.at(-1);
    if (newest !== undefined && newest.block <= block) return newest.value;
    let low = 0;
    let high = versions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((versions[middle]?.block ?? Infinity) <= block) low = middle + 1;
      else high = middle;
    }
    return versions[low - 1]?.value ?? null;
  }

  /** Up to `limit` keys that begin with the prefix, have a value after the block and come after `startKey`. */
  keys(prefix: string, limit: number, startKey: string, block: number): string[] {
    const found: string[] = [];
    const start = startKey > prefix ? startKey : prefix;
    for (let index = this.#firstAtLeast(start); index < this.#keys.length && found.length < limit; index++) {
      const key = this.#keys[index];
      if (key === undefined || !key.startsWith(prefix)) break;
      if (key !== startKey && this.get(key, block) !== null) found.push(key);
    }
    return found;
  }

  #firstAtLeast(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
