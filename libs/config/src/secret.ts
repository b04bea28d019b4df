import { inspect } from 'node:util';

const MASK = '[secret]';

/** A text that logs, errors and JSON show as `[secret]`. Only `reveal` returns it. */
export class Secret {
  // A private field, which structuredClone, spread and `showHidden` do not see.
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** Returns the text. Call it where the text is used, and do not store the result. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
