import { defineEvent } from '../../define-event.ts';
import { mapMembership, membership, membershipPayload } from './membership.ts';

export const memberJoined = defineEvent({
  name: 'memberJoined',
  title: 'Member joined',
  description: 'Somebody joined a group or channel, or was added to it: one event for each who did.',
  topic: ['message.new_chat_members', 'chat_member.joined'],
  input: membership,
  schema: membershipPayload,
  map: mapMembership,
});
