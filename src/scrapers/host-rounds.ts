import { hostOf } from '../core/wanted.ts';
import type { Lease } from './frontier/frontier.ts';

/**
 * The leases of a batch by host. Hosts take turns, and of each host one URL at a time waits for its turn there, so that a slow or patient
 * host does not hold up the others.
 */
export class HostRounds {
  readonly #hosts = new Map<string, HostLeases>();
  #ring: string[];
  #place = 0;

  /** @param perHost URLs of one host that may be under way at a time */
  constructor(leases: readonly Lease[], perHost: number) {
    for (const lease of leases) {
      const host = hostOf(lease.url);
      const waiting = this.#hosts.get(host);
      if (waiting === undefined)
        this.#hosts.set(host, { leases: [lease], next: 0, isEntering: false, underWay: 0, most: perHost });
      else waiting.leases.push(lease);
    }
    this.#ring = [...this.#hosts.keys()];
  }

  /** Whether any lease was not begun. */
  get hasMore(): boolean {
    return this.#ring.length > 0;
  }

  /** The next lease to begin; its host gives no other until `entered`. Undefined where none may begin now. */
  begin(): Lease | undefined {
    for (let looked = this.#ring.length; looked > 0; looked -= 1) {
      if (this.#place >= this.#ring.length) this.#place = 0;
      const host = this.#ring[this.#place] ?? '';
      const waiting = this.#hosts.get(host);
      if (waiting === undefined || waiting.isEntering || waiting.underWay >= waiting.most) {
        this.#place += 1;
        continue;
      }
      const lease = waiting.leases[waiting.next];
      waiting.next += 1;
      waiting.isEntering = true;
      waiting.underWay += 1;
      if (waiting.next >= waiting.leases.length) this.#ring.splice(this.#place, 1);
      else this.#place += 1;
      return lease;
    }
    return undefined;
  }

  /** The host's last begun lease has had its turn, or needs none. */
  entered(host: string): void {
    const waiting = this.#hosts.get(host);
    if (waiting !== undefined) waiting.isEntering = false;
  }

  /** What `begin` gave of the host, and has `entered`, has ended. */
  ended(host: string): void {
    const waiting = this.#hosts.get(host);
    if (waiting !== undefined) waiting.underWay -= 1;
  }

  /** The host had no slot for the last: others have them, so this batch makes do with those that it has. */
  refused(host: string): void {
    const waiting = this.#hosts.get(host);
    if (waiting !== undefined) waiting.most = Math.max(1, waiting.underWay - 1);
  }

  /** Takes the leases of a host that were not begun. */
  drop(host: string): Lease[] {
    const waiting = this.#hosts.get(host);
    if (waiting === undefined) return [];
    const left = waiting.leases.slice(waiting.next);
    waiting.next = waiting.leases.length;
    const place = this.#ring.indexOf(host);
    if (place >= 0) this.#ring.splice(place, 1);
    if (place >= 0 && place < this.#place) this.#place -= 1;
    return left;
  }

  /** Takes all leases that were not begun. */
  dropAll(): Lease[] {
    return [...this.#ring].flatMap((host) => this.drop(host));
  }
}

interface HostLeases {
  leases: Lease[];
  next: number;
  isEntering: boolean;
  underWay: number;
  most: number;
}
