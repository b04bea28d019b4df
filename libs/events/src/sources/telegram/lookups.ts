import type { Lookups } from '../../matches-term.ts';

/** What updates of other kinds than of members are called, and so where their parts stand. */
const KINDS = ['message', 'my_chat_member', 'chat_member', 'chat_join_request'] as const;

const within = (...paths: readonly string[]) =>
  KINDS.flatMap((kind) => paths.map((path) => `${kind}.${path}`));

/** An item of a member stands by itself; every other is the whole update. */
export const telegramLookups: Lookups = {
  chat: ['chat.id', 'chat.username', ...within('chat.id', 'chat.username')],
  user: [
    ...['member.id', 'member.username', 'from.id', 'from.username', 'new_chat_member.user.id'],
    ...within(
      'from.id',
      'from.username',
      'new_chat_member.user.id',
      'new_chat_members.id',
      'left_chat_member.id',
    ),
  ],
};
