import { z } from 'zod';
import { withoutNulls } from '../../definitions/define-event.ts';

/** Beyond this many seconds (the year 5138) a number is not a time in seconds. */
const MAX_SECONDS = 99_999_999_999;

/**
 * Converts Meta's timestamps, seconds since the epoch as text or number, to milliseconds; `undefined` for any
 * other value.
 */
export function readSeconds(timestamp: unknown): number | undefined {
  if (typeof timestamp === 'string' && !/^\d{1,11}$/.test(timestamp)) return undefined;
  if (typeof timestamp !== 'string' && typeof timestamp !== 'number') return undefined;
  const seconds = Number(timestamp);
  return Number.isSafeInteger(seconds) && seconds >= 0 && seconds <= MAX_SECONDS ? seconds * 1000 : undefined;
}

/** Ids and text of Meta, absent or null more often than its documentation says. */
export const text = z.string().nullish();

/** Meta sends seconds as text. */
export const seconds = z
  .union([z.string(), z.number()])
  .refine((timestamp) => readSeconds(timestamp) !== undefined, 'must be seconds since the epoch');

/** Converts a timestamp that `seconds` accepted to ISO 8601. */
export function toIso(timestamp: string | number): string {
  return new Date(readSeconds(timestamp) ?? Number.NaN).toISOString();
}

/** An open object that is passed on unchanged. */
export const open = z.record(z.string(), z.unknown());

/** The fields that `unpackWhatsApp` adds to every item of a phone number. */
export const shared = {
  metadata: z.looseObject({ phone_number_id: z.string(), display_phone_number: text }),
  contact: z
    .looseObject({ wa_id: text, user_id: text, profile: z.looseObject({ name: text }).nullish() })
    .nullish(),
};

/** Payload fields of a person. Someone with a business-scoped id may hide the phone number. */
export const personPayload = {
  from: z.string().optional().describe('Phone number of the person, digits only'),
  userId: z.string().optional().describe('Business-scoped id of the person, e.g. US.13491208655302741918'),
  profileName: z.string().optional().describe('WhatsApp profile name of the person'),
};

/** Payload fields of the business phone number. */
export const phoneNumberPayload = {
  phoneNumberId: z.string().describe("Meta's id of the business phone number"),
  displayPhoneNumber: z.string().optional().describe('The number as Meta displays it'),
};

type Text = string | null | undefined;

interface Contact {
  readonly wa_id?: Text;
  readonly user_id?: Text;
  readonly profile?: { readonly name?: Text } | null | undefined;
}

/** Maps the sender of a message to `personPayload`: from the message, else from its contact. */
export function mapPerson(
  message: { readonly from?: Text; readonly from_user_id?: Text },
  contact: Contact | null | undefined,
) {
  return withoutNulls({
    from: message.from ?? contact?.wa_id,
    userId: message.from_user_id ?? contact?.user_id,
    profileName: contact?.profile?.name,
  });
}

/** Maps a value's metadata to `phoneNumberPayload`. */
export function mapPhoneNumber(metadata: {
  readonly phone_number_id: string;
  readonly display_phone_number?: Text;
}) {
  return {
    phoneNumberId: metadata.phone_number_id,
    ...withoutNulls({ displayPhoneNumber: metadata.display_phone_number }),
  };
}
