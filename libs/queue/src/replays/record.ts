import { z } from 'zod';
import type { DeadLetterFilter } from '../dead-letters/filter.ts';
import { readStoredFilter } from '../dead-letters/filter-schema.ts';

/** `paused` by itself or by an operator, who may resume it; `done` and `cancelled` are the end. */
export type ReplayState = 'running' | 'paused' | 'done' | 'cancelled';

/** What paused a replay: an operator, or Sluice because too many of its deliveries failed again. */
export type PausedBy = 'operator' | 'failures';

/** What was asked for. */
export interface ReplayRequest {
  readonly filter: DeadLetterFilter;
  /** Only what was dead by then, in milliseconds since the epoch: what dies again is left. */
  readonly until: number;
  /** Dead letters put back a minute, at most; without it, as fast as they are delivered. */
  readonly perMinute?: number;
}

/** A replay as it stands. Times are in milliseconds since the epoch. */
export interface ReplayRecord extends ReplayRequest {
  readonly id: string;
  readonly state: ReplayState;
  readonly who: string;
  readonly note: string;
  readonly createdAt: number;
  readonly endedAt?: number;
  /** How many dead letters fitted when it was asked for. */
  readonly planned: number;
  /** Put back; of those, delivered, dead again, and gone otherwise (erased). The rest is on its way. */
  readonly replayed: number;
  readonly delivered: number;
  readonly died: number;
  readonly removed: number;
  /** Delivered and dead when it was last resumed: it is judged by what came after. */
  readonly base: { readonly delivered: number; readonly died: number };
  /** Why it is paused, in words, and what paused it. */
  readonly why?: string;
  readonly pausedBy?: PausedBy;
  /** Where it goes on in the order of death. */
  readonly cursor?: string;
  /** When dead letters were last put back, and the part of one that its rate has left since. */
  readonly steppedAt: number;
  readonly credit: number;
}

const count = z.coerce.number().default(0);
const optional = z
  .string()
  .transform((text) => (text === '' ? undefined : text))
  .optional();

const stored = z.object({
  state: z.enum(['running', 'paused', 'done', 'cancelled']),
  who: z.string(),
  note: z.string(),
  filter: z.string().transform(readStoredFilter),
  until: z.coerce.number(),
  perMinute: optional,
  createdAt: z.coerce.number(),
  endedAt: optional,
  planned: count,
  replayed: count,
  delivered: count,
  died: count,
  removed: count,
  baseDelivered: count,
  baseDied: count,
  why: optional,
  pausedBy: z.enum(['operator', 'failures', '']).optional(),
  cursor: optional,
  steppedAt: count,
  credit: count,
});

/** Reads the hash of a replay; undefined if there is none. */
export function readReplayRecord(
  id: string,
  fields: Readonly<Record<string, string>>,
): ReplayRecord | undefined {
  if (Object.keys(fields).length === 0) return undefined;
  const { baseDelivered, baseDied, perMinute, endedAt, why, pausedBy, cursor, ...rest } =
    stored.parse(fields);
  return {
    id,
    ...rest,
    base: { delivered: baseDelivered, died: baseDied },
    ...(perMinute === undefined ? {} : { perMinute: Number(perMinute) }),
    ...(endedAt === undefined ? {} : { endedAt: Number(endedAt) }),
    ...(why === undefined ? {} : { why }),
    ...(rest.state === 'paused' ? { pausedBy: pausedBy || pausedByOf(why) } : {}),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** Derives what paused a replay from the text that earlier versions stored alone. */
function pausedByOf(why = ''): PausedBy {
  return /^by (?!sluice: )/.test(why) ? 'operator' : 'failures';
}

/** Dead letters that were put back and have not come to an end. */
export function outstandingOf({ replayed, delivered, died, removed }: ReplayRecord): number {
  return replayed - delivered - died - removed;
}
