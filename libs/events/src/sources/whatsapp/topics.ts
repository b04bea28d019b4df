/**
 * The topics of WhatsApp, in Meta's own words for fields and lists, and no others: what a message's `type`
 * or a status says is Meta's to invent, and a topic becomes a metric's label. An unknown type is a message,
 * an unknown status a status; both are told in the event's payload.
 *
 * | Topic | Meta's |
 * |---|---|
 * | `messages` | an element of `messages[]` of any type, or without one |
 * | `messages.request_welcome` | the same with `type: "request_welcome"` |
 * | `statuses` | an element of `statuses[]`, whatever its status |
 * | `errors` | an element of `errors[]` of the value; those of a message or status stay with it |
 * | `message_template_status_update` | a change of this field |
 * | `other` | a change of any other field (`user_preferences`, `account_update`, `calls`…), and what has no known shape |
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
