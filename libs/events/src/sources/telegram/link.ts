import { linkTags, recordTags, type SourceLink } from '../../definitions/define-link.ts';
import { fieldOf } from '../../delivery/json-slice.ts';

/** A conversation is a chat, and a user the person that an event is about. */
export const telegramLink: SourceLink = {
  channel: { name: 'channel', title: 'Chat', description: 'A chat of Telegram' },
  conversation: {
    id: { title: 'Chat id', description: 'Id of the chat' },
    chatId: { title: 'Chat id for replies', description: 'Id of the chat, to which replies are sent' },
  },
  user: { id: { title: 'User id', description: 'Id of the user' } },
  find(input) {
    const content = contentOf(input);
    const chatId =
      fieldOf(fieldOf(content, 'chat'), 'id') ?? fieldOf(fieldOf(fieldOf(content, 'message'), 'chat'), 'id');
    const user = fieldOf(content, 'member') ?? fieldOf(content, 'from');
    return linkTags({
      conversation: recordTags({ id: chatId }, { chatId }),
      user: recordTags({ id: fieldOf(user, 'id') }),
    });
  },
};

/** An item of a member has its fields at the top level; any other item is an update with one field. */
function contentOf(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Object.hasOwn(input, 'chat')) return input;
  return Object.entries(input).find(([name]) => name !== 'update_id')?.[1];
}
