import { ConfigError } from '../config-error.ts';
import { httpUrlProblem } from '../url-checks.ts';

/** Environment variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** An environment variable: what it is called, what it means and how it is parsed. */
export interface Variable<T> {
  readonly name: string;
  /** One noun phrase, for the configuration reference. */
  readonly description: string;
  /** Value if the variable is unset or empty. */
  readonly default: string;
  /** Accepted values, for error messages and the configuration reference. */
  readonly accepts: string;
  /** Returns the value, or the problem as the predicate of the name, without a period. */
  readonly parse: (text: string) => { readonly value: T } | { readonly problem: string };
}

export type Variables = Readonly<Record<string, Variable<unknown>>>;

/** Values of a group of variables. */
export type ValuesOf<V extends Variables> = {
  readonly [K in keyof V]: V[K] extends Variable<infer T> ? T : never;
};

interface IntegerOptions {
  readonly default: number;
  /** 1 unless given. Bounds catch slips such as seconds for milliseconds. */
  readonly min?: number;
  readonly max: number;
  /** Such as `ms`. */
  readonly unit?: string;
  readonly description: string;
}

/** Defines a variable for a whole number in plain digits. */
export function integer(name: string, options: IntegerOptions): Variable<number> {
  const { min = 1, max, unit, description } = options;
  return {
    name,
    description,
    default: String(options.default),
    accepts: `a whole number from ${min} to ${max}${unit ? ` (${unit})` : ''}`,
    parse: (text) => {
      const value = Number(text);
      if (/^\d+$/.test(text) && value >= min && value <= max) return { value };
      const problem = /^-?\d+$/.test(text) ? 'is out of range' : 'is not a whole number in plain digits';
      return { problem: `${problem}: ${quote(text)}` };
    },
  };
}

interface ChoiceOptions<T> {
  readonly choices: readonly T[];
  readonly default: T;
  readonly description: string;
}

/** Defines a variable for one of several words. */
export function choice<const T extends string>(name: string, options: ChoiceOptions<T>): Variable<T> {
  const { choices, description } = options;
  return {
    name,
    description,
    default: options.default,
    accepts: `one of ${choices.join(', ')}`,
    parse: (text) => {
      const value = choices.find((word) => word === text);
      return value === undefined ? { problem: `is not supported: ${quote(text)}` } : { value };
    },
  };
}

interface TextOptions {
  readonly default: string;
  readonly accepts: string;
  readonly description: string;
  /** Returns the problem without quoting the value, or undefined. Not called for an empty default. */
  readonly check?: (value: string) => string | undefined;
}

/** Defines a variable for a text. Error messages never quote it, so it may contain a password. */
export function text(name: string, options: TextOptions): Variable<string> {
  const { check = () => undefined, ...rest } = options;
  return {
    name,
    ...rest,
    parse: (value) => {
      const problem = value === '' ? undefined : check(value);
      return problem === undefined ? { value } : { problem };
    },
  };
}

/** Defines a variable for the base URL of an HTTP API. Trailing slashes are removed. */
export function baseUrl(
  name: string,
  options: { readonly default: string; readonly description: string },
): Variable<string> {
  return {
    name,
    ...options,
    accepts: 'an http:// or https:// URL without user, password and query',
    parse: (value) => {
      const problem = httpUrlProblem(value);
      return problem === undefined ? { value: value.replace(/\/+$/, '') } : { problem };
    },
  };
}

/** Defines a variable for a host to listen on. The default is loopback, so that nothing is exposed by accident. */
export function host(name: string, description: string): Variable<string> {
  return text(name, {
    default: '127.0.0.1',
    accepts: 'a host without a port, such as 0.0.0.0',
    description,
    check: (value) => (/^[\w.:%-]+$/.test(value) ? undefined : 'is not a host name or address'),
  });
}

/** Defines a variable for a port to listen on. */
export function port(name: string, defaultPort: number, description: string): Variable<number> {
  return integer(name, {
    default: defaultPort,
    min: 0,
    max: 65_535,
    description: `${description}; 0: any free port`,
  });
}

/** Reads variables and collects their problems. */
export class EnvironmentReader {
  readonly problems: string[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** Returns the values of a group of variables. A variable with a problem has its default. */
  read<V extends Variables>(variables: V): ValuesOf<V> {
    const entries = Object.entries(variables).map(([key, variable]) => [key, this.#read(variable)]);
    return Object.fromEntries(entries) as ValuesOf<V>;
  }

  /** Adds a problem between variables that are valid individually. */
  report(problem: string): void {
    this.problems.push(problem);
  }

  #read<T>(variable: Variable<T>): T | undefined {
    const { name, accepts } = variable;
    const parsed = variable.parse(this.#env[name]?.trim() || variable.default);
    if ('value' in parsed) return parsed.value;
    this.report(`${name} ${parsed.problem}. Set it to ${accepts}, or unset it${fallbackOf(variable)}.`);
    const fallback = variable.parse(variable.default);
    return 'value' in fallback ? fallback.value : undefined;
  }
}

/**
 * Reads settings from the environment and returns them deeply frozen.
 *
 * @throws ConfigError with all problems
 */
export function readEnvironment<T extends object>(
  env: Environment,
  read: (reader: EnvironmentReader) => T,
): T {
  const reader = new EnvironmentReader(env);
  const settings = read(reader);
  if (reader.problems.length > 0) {
    throw new ConfigError(`The environment has ${reader.problems.length} problems:`, reader.problems);
  }
  return freeze(settings);
}

function freeze<T extends object>(settings: T): T {
  for (const value of Object.values(settings)) {
    if (typeof value === 'object' && value !== null) freeze(value);
  }
  return Object.freeze(settings);
}

function fallbackOf(variable: Variable<unknown>): string {
  return variable.default === '' ? '' : ` for ${variable.default}`;
}

/** Long enough to recognize the value, short enough for a pasted file. */
const MAX_QUOTED_LENGTH = 40;

function quote(value: string): string {
  return JSON.stringify(value.length > MAX_QUOTED_LENGTH ? `${value.slice(0, MAX_QUOTED_LENGTH)}…` : value);
}
