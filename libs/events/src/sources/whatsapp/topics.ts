/**
 * The topics of WhatsApp, named after Meta's fields and lists. The set is closed: Meta may add message types
 * and statuses at any time, and a topic becomes a metric label. A message of unknown type is a message, and
 * an unknown status a status; the event's payload holds both.
 *
 * | Topic | Part of Meta's webhook |
 * |---|---|
 * | `messages` | an element of `messages[]` of any type, or without a type |
 * | `messages.request_welcome` | an element of `messages[]` with `type: "request_welcome"` |
 * | `statuses` | an element of `statuses[]` of any status |
 * | `errors` | an element of `errors[]` of the value; errors of a message or status stay part of it |
 * | `message_template_status_update` | a change of this field |
 * | `other` | a change of another field (`user_preferences`, `account_update`, `calls`…), and unknown shapes |
 */
export const topics = {
  message: 'messages',
  chatOpened: 'messages.request_welcome',
  status: 'statuses',
  error: 'errors',
  templateStatus: 'message_template_status_update',
  other: 'other',
} as const;

export type WhatsAppTopic = (typeof topics)[keyof typeof topics];
