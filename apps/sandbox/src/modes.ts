import { z } from 'zod';

/** A mode: one behavior of the Runtime API that is unknown or that documents and measurements disagree about. */
interface ModeDefinition {
  readonly schema: z.ZodType;
  /** The documented behavior. */
  readonly initial: unknown;
  /** Allowed values, for the documentation. */
  readonly values: string;
  readonly effect: string;
  /** Where the default comes from. [G] marks a guess. */
  readonly source: string;
}

const whole = (min: number, max: number) => z.int().min(min).max(max);

/** All modes. Environment variables, control API and the table of the README are made from it. */
export const MODES = {
  statusDelayMs: {
    schema: whole(0, 86_400_000),
    initial: 200,
    values: '0 to 86400000',
    effect: 'milliseconds until an event is processed, ignored or failed',
    source: 'the API documents the statuses and no time',
  },
} as const satisfies Record<string, ModeDefinition>;

export type ModeName = keyof typeof MODES;

/** The values of all modes. */
export type ModeValues = { readonly [Name in ModeName]: z.output<(typeof MODES)[Name]['schema']> };

/** The active modes. */
export interface Modes {
  get<Name extends ModeName>(name: Name): ModeValues[Name];
  all(): ModeValues;
  set(changes: Partial<ModeValues>): void;
  /** Restores the values that the sandbox was started with. */
  reset(): void;
}

/** Creates modes with their defaults and the given values. */
export function createModes(started: Partial<ModeValues> = {}): Modes {
  const initial = { ...defaults(), ...started };
  let values: ModeValues = initial;
  return {
    get: (name) => values[name],
    all: () => values,
    set(changes) {
      values = { ...values, ...changes };
    },
    reset() {
      values = initial;
    },
  };
}

function entries(): [ModeName, ModeDefinition][] {
  return Object.entries(MODES) as [ModeName, ModeDefinition][];
}

function defaults(): ModeValues {
  return Object.fromEntries(entries().map(([name, { initial }]) => [name, initial])) as ModeValues;
}

/** Some modes with new values, as the control API takes them. */
export const modeChanges = z
  .strictObject(Object.fromEntries(entries().map(([name, { schema }]) => [name, schema])))
  .partial() as unknown as z.ZodType<Partial<ModeValues>>;

/** Returns the environment variable of a mode: `statusDelayMs` → `SLUICE_SANDBOX_STATUS_DELAY_MS`. */
export function environmentName(mode: ModeName): string {
  return `SLUICE_SANDBOX_${mode.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/**
 * Reads modes from environment variables.
 *
 * @returns the given modes, and one line per invalid variable, beginning with its name
 */
export function readModes(env: Readonly<Record<string, string | undefined>>): {
  readonly modes: Partial<ModeValues>;
  readonly issues: readonly string[];
} {
  const modes: Record<string, unknown> = {};
  const issues: string[] = [];
  for (const [name, { schema, values }] of entries()) {
    const text = env[environmentName(name)];
    if (text === undefined || text === '') continue;
    const parsed = schema.safeParse(parseText(text));
    if (parsed.success) modes[name] = parsed.data;
    else issues.push(`${environmentName(name)} must be one of: ${values}`);
  }
  return { modes: modes as Partial<ModeValues>, issues };
}

/** `600`, `true` and `null` are JSON, `prefixed` is text. `unlimited` is null. */
function parseText(text: string): unknown {
  if (text === 'unlimited') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
