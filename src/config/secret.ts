import { inspect } from 'node:util';

const HIDDEN = '[secret]';

/** A value that no log, JSON or error message shows. Whoever needs it calls `reveal()`, as late as possible. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
