import { z } from 'zod';
import { withoutNulls } from '../../without-nulls.ts';

/** Payload fields: who did it. A person with a business-scoped id may have no phone number that we may see. */
export const person = {
  from: z.string().optional().describe('Phone number of the person, digits only'),
  userId: z.string().optional().describe('Business-scoped id of the person, e.g. US.13491208655302741918'),
  profileName: z.string().optional().describe('Name that the person chose in WhatsApp'),
};

/** Payload fields: at which number of the business. */
export const phoneNumber = {
  phoneNumberId: z.string().describe("Meta's id of the business phone number"),
  displayPhoneNumber: z.string().optional(),
};

type Text = string | null | undefined;

interface Contact {
  readonly wa_id?: Text;
  readonly user_id?: Text;
  readonly profile?: { readonly name?: Text } | null | undefined;
}

/** Reads who sent a message: by the message itself, else by its contact. */
export function readPerson(
  message: { readonly from?: Text; readonly from_user_id?: Text },
  contact: Contact | null | undefined,
) {
  return withoutNulls({
    from: message.from ?? contact?.wa_id,
    userId: message.from_user_id ?? contact?.user_id,
    profileName: contact?.profile?.name,
  });
}

/** Reads at which number of the business something happened. */
export function readPhoneNumber(metadata: {
  readonly phone_number_id: string;
  readonly display_phone_number?: Text;
}) {
  return {
    phoneNumberId: metadata.phone_number_id,
    ...withoutNulls({ displayPhoneNumber: metadata.display_phone_number }),
  };
}
