import { z } from 'zod';
import { withoutNulls } from '../../without-nulls.ts';

const text = z.string().nullish();

/** A ChatInviteLink of the Bot API. */
export const chatInviteLink = z.looseObject({ invite_link: text, name: text }).nullish();

export const inviteLinkPayload = {
  inviteLink: z.string().optional().describe('The link that was used; the end of those of others is hidden'),
  inviteLinkName: z.string().optional().describe('What the administrators called the link'),
};

export function mapInviteLink(link: z.output<typeof chatInviteLink>) {
  return withoutNulls({ inviteLink: link?.invite_link, inviteLinkName: link?.name });
}
