import { z } from 'zod';
import { readSeconds } from './read-seconds.ts';

/** Ids and words of Meta: absent or null more often than its documentation says. */
export const text = z.string().nullish();

/** Meta writes seconds as text. */
export const seconds = z
  .union([z.string(), z.number()])
  .refine((timestamp) => readSeconds(timestamp) !== undefined, 'expected seconds since the epoch');

/** What every item of a phone number has around it; see unpack-lists.ts for how it is composed. */
export const around = {
  metadata: z.looseObject({ phone_number_id: z.string(), display_phone_number: text }),
  contact: z
    .looseObject({ wa_id: text, user_id: text, profile: z.looseObject({ name: text }).nullish() })
    .nullish(),
};

/** An open object, passed on as it came. */
export const open = z.record(z.string(), z.unknown());

/** A timestamp that `seconds` let through, in ISO 8601. */
export function toIso(timestamp: string | number): string {
  return new Date(readSeconds(timestamp) ?? Number.NaN).toISOString();
}
