import { inspect } from 'node:util';

const SHOWN = '[secret]';

/** A text that logs, errors and JSON show as `[secret]`; only `reveal` gives it away. */
export class Secret {
  // A real private field: structuredClone, spread and `showHidden` do not see it either.
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The text itself. Call it where it is used, and keep the result nowhere. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
