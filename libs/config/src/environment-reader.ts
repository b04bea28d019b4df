import type { Environment } from './environment.ts';

interface IntegerRange {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** e.g. `ms`, for the message. */
  readonly unit?: string;
}

interface TextRule {
  readonly default: string;
  /** What is wrong with the value, without quoting it; undefined when it is right. */
  readonly problem: (value: string) => string | undefined;
  /** What to set, e.g. `an address like redis://127.0.0.1:6379`. */
  readonly wanted: string;
}

/** Reads variables one by one and collects what is wrong with them. A variable set to nothing counts as unset. */
export class EnvironmentReader {
  readonly problems: string[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** Reads a whole number in plain digits. */
  integer(name: string, range: IntegerRange): number {
    const text = this.#text(name);
    if (text === undefined) return range.default;
    const value = Number(text);
    const wanted = `a whole number from ${range.min} to ${range.max}${range.unit ? ` (${range.unit})` : ''}`;
    if (/^\d+$/.test(text) && value >= range.min && value <= range.max) return value;
    const why = /^-?\d+$/.test(text) ? 'is out of range' : 'is not a whole number in plain digits';
    this.#report(name, `${quote(text)} ${why}`, wanted, String(range.default));
    return range.default;
  }

  /** Reads one of a closed list of words. */
  choice<const T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const text = this.#text(name);
    if (text === undefined) return fallback;
    const chosen = choices.find((choice) => choice === text);
    if (chosen === undefined) {
      this.#report(name, `${quote(text)} is not one of its values`, `one of ${choices.join(', ')}`, fallback);
    }
    return chosen ?? fallback;
  }

  /** Reads a text. Its value is never printed, so it may hold a password. */
  text(name: string, rule: TextRule): string {
    const text = this.#text(name) ?? rule.default;
    const problem = rule.problem(text);
    if (problem !== undefined) this.#report(name, problem, rule.wanted, rule.default);
    return text;
  }

  /** Reports what is wrong between variables that are right alone. */
  report(problem: string): void {
    this.problems.push(problem);
  }

  #text(name: string): string | undefined {
    const text = this.#env[name]?.trim();
    return text === '' ? undefined : text;
  }

  #report(name: string, problem: string, wanted: string, fallback: string): void {
    this.problems.push(`${name}: ${problem}  — set it to ${wanted}, or leave it out for ${fallback}`);
  }
}

/** Long enough to recognise what was set, short enough not to spill a pasted file. */
const QUOTED_LENGTH = 40;

function quote(text: string): string {
  return JSON.stringify(text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}…` : text);
}
