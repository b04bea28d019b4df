import { z } from 'zod';
import { FULL_BODY_LEFT_OUT } from '../definitions/define-event.ts';
import { bodyPath } from '../delivery/body-path.ts';

/** An event as Botpress receives it. */
export interface BotpressEvent {
  readonly type: string;
  readonly payload: Record<string, unknown>;
}

/** A connection's `fullBody`: the whole body, none of it, or the fields at these paths. */
export const fullBodySetting = z
  .union(
    [
      z.boolean(),
      z
        .array(bodyPath.refine((path) => path !== '$', 'is the whole body: use fullBody: true'))
        .min(1, 'is empty: use fullBody: false'),
    ],
    { error: 'must be true, false or a list of paths' },
  )
  .default(true)
  .describe(
    'part of the platform’s body in the events’ fullBody (data for custom and standard-webhooks): true for all of it, false for none, or a list of paths like customer.email, line_items.0 or line_items.*.title',
  );

export type FullBodySetting = z.output<typeof fullBodySetting>;

/** Returns the event with the part of its full body that a connection passes on. */
export function selectFullBody(
  event: BotpressEvent,
  member: string | undefined,
  setting: FullBodySetting,
): BotpressEvent {
  if (setting === true || member === undefined || !Object.hasOwn(event.payload, member)) return event;
  const { [member]: body, ...rest } = event.payload;
  if (setting === false) return { ...event, payload: rest };
  const paths = setting.map((path) => path.split('.'));
  return { ...event, payload: { ...rest, [member]: pick(body, paths) ?? {} } };
}

/** Returns the event without its full body, marked as such; `undefined` if it has none. */
export function leaveOutFullBody(
  event: BotpressEvent,
  member: string | undefined,
): BotpressEvent | undefined {
  if (member === undefined || !Object.hasOwn(event.payload, member)) return undefined;
  const { [member]: _, ...rest } = event.payload;
  return { ...event, payload: { ...rest, [FULL_BODY_LEFT_OUT]: true } };
}

/**
 * Serialized, a character of the body has at most 6 bytes (1e20 becomes 21 digits, a character 3 bytes), and the
 * other fields of the payload repeat parts of the body.
 */
const MAX_GROWTH = 12;

/**
 * Returns whether an event has more bytes than a limit, as serialized for Botpress. Serializes only events of
 * bodies that are long enough for that: most events are not serialized a second time.
 *
 * @param bodyLength characters of the delivery's body
 */
export function exceedsLimit(event: BotpressEvent, bodyLength: number, limit: number): boolean {
  if (bodyLength * MAX_GROWTH <= limit) return false;
  return Buffer.byteLength(JSON.stringify(event)) > limit;
}

/**
 * Returns the parts of a value at some paths, in the places that they have in the value. `*` stands for every
 * element of a list; other elements of the list are null.
 *
 * @returns `undefined` if no path leads anywhere
 */
function pick(value: unknown, paths: readonly (readonly string[])[]): unknown {
  if (paths.some((path) => path.length === 0)) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const pickAt = (child: unknown, matches: (step: string) => boolean) => {
    const below = paths.filter(([step = '']) => matches(step)).map((path) => path.slice(1));
    return below.length > 0 ? pick(child, below) : undefined;
  };
  if (Array.isArray(value)) {
    const picked = value.map((element, index) => {
      return pickAt(element, (step) => step === '*' || step === String(index)) ?? null;
    });
    const end = picked.findLastIndex((element) => element !== null) + 1;
    return end > 0 ? picked.slice(0, end) : undefined;
  }
  const entries = Object.entries(value)
    .map(([key, child]) => [key, pickAt(child, (step) => step === key)] as const)
    .filter(([, child]) => child !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
