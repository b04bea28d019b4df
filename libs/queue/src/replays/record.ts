import { z } from 'zod';
import type { DeadLetterFilter } from '../dead-letters/filter.ts';
import { readStoredFilter } from '../dead-letters/filter-schema.ts';

/** A `paused` replay can be resumed; `done` and `cancelled` are final. */
export type ReplayState = 'running' | 'paused' | 'done' | 'cancelled';

/** What paused a replay: an operator, or Sluice because too many of its deliveries failed again. */
export type PausedBy = 'operator' | 'failures';

/** The request of an operator. */
export interface ReplayRequest {
  readonly filter: DeadLetterFilter;
  /** Dead letters that died later are not replayed, for example those that failed again. Milliseconds since the epoch. */
  readonly until: number;
  /** Most dead letters requeued per minute; without it, as fast as they are delivered. */
  readonly perMinute?: number;
}

/** A stored replay. Times are in milliseconds since the epoch. */
export interface ReplayRecord extends ReplayRequest {
  readonly id: string;
  readonly state: ReplayState;
  readonly who: string;
  readonly note: string;
  readonly createdAt: number;
  readonly endedAt?: number;
  /** Dead letters that matched when it was requested. */
  readonly planned: number;
  /** Requeued dead letters; of those, delivered, dead again, and removed (erased). The others are outstanding. */
  readonly replayed: number;
  readonly delivered: number;
  readonly died: number;
  readonly removed: number;
  /** Delivered and dead when it was last resumed. Only later results count for a pause. */
  readonly base: { readonly delivered: number; readonly died: number };
  /** Why it is paused, in words, and what paused it. */
  readonly why?: string;
  readonly pausedBy?: PausedBy;
  /** Cursor of the next dead letters. */
  readonly cursor?: string;
  /** When dead letters were last requeued, and the fraction of one that its rate left over. */
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

/** Reads the hash of a replay; undefined if it does not exist. */
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

/** Returns how many requeued dead letters are still outstanding. */
export function outstandingOf({ replayed, delivered, died, removed }: ReplayRecord): number {
  return replayed - delivered - died - removed;
}
