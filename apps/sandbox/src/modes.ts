import { z } from 'zod';
import { ID_LENGTH } from './clock-and-ids.ts';

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

const limit = (max: number) => whole(1, max).nullable();

/** All modes. Environment variables, control API and the table of the README are made from it. */
export const MODES = {
  eventType: {
    schema: z.enum(['bare', 'prefixed']),
    initial: 'bare',
    values: '`bare`, `prefixed`',
    effect: 'type that an integration sees in responses and filters by: `event` or `alias:event`',
    source: '[G]',
  },
  pageSize: {
    schema: z.enum(['honored', 'ignored']),
    initial: 'honored',
    values: '`honored`, `ignored`',
    effect: 'size of a page of listEvents: as requested, at most 100, or always 20',
    source: '[G] the client has the parameter, the API description does not',
  },
  listingDelayMs: {
    schema: whole(0, 86_400_000),
    initial: 0,
    values: '0 to 86400000',
    effect: 'milliseconds until listEvents contains a new event; getEvent finds it at once',
    source: '[G]',
  },
  statusDelayMs: {
    schema: whole(0, 86_400_000),
    initial: 200,
    values: '0 to 86400000',
    effect: 'milliseconds until an event is processed, ignored or failed',
    source: 'the API documents the statuses and no time',
  },
  eventsPerMinute: {
    schema: limit(100_000_000),
    initial: 600,
    values: '1 to 100000000, null for no limit',
    effect: 'events and messages per minute of a bot without a limit set by `PUT /sandbox/bots`',
    source: 'documented',
  },
  countReads: {
    schema: z.boolean(),
    initial: false,
    values: '`true`, `false`',
    effect: 'reads count towards `eventsPerMinute`, and are rejected over it',
    source: '[G] documented for events and messages',
  },
  workspaceCallsPerSecond: {
    schema: limit(1_000_000),
    initial: 100,
    values: '1 to 1000000, null for no limit',
    effect: 'calls per second of all bots of a workspace, reads included',
    source: 'documented',
  },
  rateLimitHeaders: {
    schema: z.enum(['workspace', 'bot', 'none']),
    initial: 'workspace',
    values: '`workspace`, `bot`, `none`',
    effect: 'limit in the `RateLimit-*` headers of a success; a 429 has those of the limit that rejected it',
    source: 'documented example: `RateLimit-Limit: 100`',
  },
  retryAfter: {
    schema: z.enum(['none', 'seconds', 'date']),
    initial: 'none',
    values: '`none`, `seconds`, `date`',
    effect: '`Retry-After` of a 429 of these limits',
    source: 'not documented',
  },
  rateLimitBody: {
    schema: z.enum(['documented', 'error']),
    initial: 'documented',
    values: '`documented`, `error`',
    effect: 'body of a 429: `{type, description, status}` or `{id, code, type, message, metadata}`',
    source: 'documented; the client reads the second form',
  },
  definitions: {
    schema: z.enum(['optional', 'required']),
    initial: 'optional',
    values: '`optional`, `required`',
    effect: 'required: the bot or an integration installed on it must define the type of every event',
    source: '[G] a Studio bot receives only events of installed integrations',
  },
  maxEventDefinitions: {
    schema: limit(1_000),
    initial: 20,
    values: '1 to 1000, null for no limit',
    effect: 'events that `PUT /sandbox/integrations` accepts; `demo-integration` is exempt',
    source: 'documented',
  },
  workspaceHeader: {
    schema: z.enum(['required', 'optional']),
    initial: 'required',
    values: '`required`, `optional`',
    effect: 'getIntegration and getBot without `x-workspace-id`: rejected, or answered',
    source: 'documented',
  },
  idLength: {
    schema: whole(ID_LENGTH.min, ID_LENGTH.max).nullable(),
    initial: null,
    values: '28 to 36, null for a prefix and 26 characters',
    effect: 'length of new ids of events, conversations, users and messages',
    source: 'documented: 28 to 36',
  },
  maxPayloadBytes: {
    schema: limit(1024 * 1024),
    initial: null,
    values: '1 to 1048576, null for the 1 MB of the request',
    effect: "size of an event's payload; 131072 is the limit of messages, states and recurring events",
    source: '[G] documented for messages, not for events',
  },
  botTags: {
    schema: z.enum(['prefixed', 'bare']),
    initial: 'prefixed',
    values: '`prefixed`, `bare`',
    effect: 'tags of an integration in the calls of a bot: `telegram:id` or `id`',
    source: '[G] bots read prefixed tags; filters and creation are not documented',
  },
  integrationName: {
    schema: z.enum(['accepted', 'rejected']),
    initial: 'accepted',
    values: '`accepted`, `rejected`',
    effect: 'whether a bot may create conversations and users of an integration',
    source: 'documented as deprecated',
  },
  foreignRecords: {
    schema: z.enum(['rejected', 'accepted']),
    initial: 'rejected',
    values: '`rejected`, `accepted`',
    effect:
      "whether an integration's event may name records of another integration; rejected: ReferenceNotFound",
    source: '[G]',
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
    else issues.push(`${environmentName(name)} must be ${values.replaceAll('`', '')}`);
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
