import { z } from 'zod';
import { DEAD_REASONS } from '../dead-letter.ts';
import type { DeadReason } from '../delivery-outcome.ts';

/**
 * Which dead letters: those that fit all that is given; without anything, all. The mapper of a delivery is that of its
 * event, so "by mapper" is `event`.
 */
export interface DeadLetterFilter {
  /** Of deliveries, at most 1,000: nothing else is looked at. What is not dead, or gone, is not found. */
  readonly ids?: readonly string[];
  readonly connection?: string;
  readonly source?: string;
  readonly topic?: string;
  /** Name of the event that it was to become. */
  readonly event?: string;
  readonly reason?: DeadReason;
  /** Of one cause, as `readGroups` tells them. */
  readonly group?: string;
  /** Put back by that replay and dead again, unless another has put it back since. */
  readonly replay?: string;
  /** Botpress' word for the error, e.g. `InvalidPayload`. */
  readonly type?: string;
  /** HTTP status that Botpress answered. */
  readonly status?: number;
  /** Died at or after, and at or before, in milliseconds since the epoch. */
  readonly from?: number;
  readonly to?: number;
  /** Stands in the message or in an issue, in upper or lower case. */
  readonly text?: string;
  /** Values in the payload, all of them. */
  readonly having?: readonly PayloadTerm[];
}

/** A value in a payload: under a name that the source knows, at a dotted path, or of any property of that name. */
export interface PayloadTerm {
  readonly name: string;
  /** Compared as text, exactly. */
  readonly value: string;
}

const name = z.string().min(1).max(200);
const moment = z.int().min(0);

/** Checks a term on a payload. */
export const payloadTerm = z.strictObject({ name, value: z.string().min(1).max(500) });

/** Terms that one search may have, and ids that one filter may. */
export const MAX_TERMS = 5;
export const MAX_IDS = 1_000;

/** Checks what is to be the id of a delivery. */
export const deliveryId = z.string().regex(/^dlv_[\w-]{1,100}$/, 'is no id of a delivery, dlv_…');

/** Reads `name=value`, unchecked; the value may have more of them. */
export function toTerm(text: string): PayloadTerm {
  const at = text.indexOf('=');
  return at < 0 ? { name: text, value: '' } : { name: text.slice(0, at), value: text.slice(at + 1) };
}

/** Checks a filter that came from outside. */
export const deadLetterFilter: z.ZodType<DeadLetterFilter> = z.strictObject({
  ids: z.array(deliveryId).max(MAX_IDS).exactOptional(),
  connection: name.exactOptional(),
  source: name.exactOptional(),
  topic: name.exactOptional(),
  event: name.exactOptional(),
  reason: z.enum(DEAD_REASONS).exactOptional(),
  group: z
    .string()
    .regex(/^(?:[0-9a-f]{16}|other)$/, 'is no group: 16 hex digits, or other')
    .exactOptional(),
  replay: z
    .string()
    .regex(/^rpl_[\w-]{1,100}$/, 'is no id of a replay, rpl_…')
    .exactOptional(),
  type: name.exactOptional(),
  status: z.int().min(100).max(599).exactOptional(),
  from: moment.exactOptional(),
  to: moment.exactOptional(),
  text: z.string().min(1).max(200).exactOptional(),
  having: z.array(payloadTerm).max(MAX_TERMS).exactOptional(),
});
