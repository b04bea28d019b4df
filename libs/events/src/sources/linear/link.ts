import { linkTags, recordTags, type SourceLink } from '../../definitions/define-link.ts';
import { fieldOf } from '../../delivery/json-slice.ts';

/** A conversation is an issue with its comments. Comments on other objects belong to none. */
export const linearLink: SourceLink = {
  channel: { name: 'issue', title: 'Issue', description: 'An issue of Linear with its comments' },
  conversation: { id: { title: 'Issue id', description: 'Id of the issue' } },
  user: { id: { title: 'User id', description: 'Id of the user' } },
  message: { id: { title: 'Comment id', description: 'Id of the comment' } },
  find(input, topic) {
    const data = fieldOf(input, 'data');
    const [type] = topic.split('.');
    const issueId =
      type === 'Issue'
        ? fieldOf(data, 'id')
        : (fieldOf(data, 'issueId') ?? fieldOf(fieldOf(data, 'issue'), 'id'));
    return linkTags({
      conversation: recordTags({ id: issueId }),
      user: recordTags({ id: userOf(input, data) }),
      message: type === 'Comment' ? recordTags({ id: fieldOf(data, 'id') }) : undefined,
    });
  },
};

/** Returns the id of the user who acted; `undefined` for an integration or an application. */
function userOf(input: unknown, data: unknown): unknown {
  const actor = fieldOf(input, 'actor');
  const type = fieldOf(actor, 'type') ?? 'user';
  const isUser = typeof type === 'string' && type.toLowerCase() === 'user';
  return (
    (isUser ? fieldOf(actor, 'id') : undefined) ??
    fieldOf(data, 'userId') ??
    fieldOf(fieldOf(data, 'user'), 'id')
  );
}
