import { defineEvent } from '../../define-event.ts';
import { mapMembership, membership, membershipPayload } from './membership.ts';

export const memberLeft = defineEvent({
  name: 'memberLeft',
  title: 'Member left',
  description: 'Somebody left a group or channel, or was removed from it.',
  topic: ['message.left_chat_member', 'chat_member.left'],
  input: membership,
  schema: membershipPayload,
  map: mapMembership,
});
