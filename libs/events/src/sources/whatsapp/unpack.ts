import { createHash } from 'node:crypto';
import type { UnpackedItem } from '../../definitions/define-source.ts';
import { composeObject, elementsOf, fieldOf, type JsonSlice, memberOf } from '../../delivery/json-slice.ts';
import type { ParsedWebhook } from '../../verification/webhook.ts';
import { topics, type WhatsAppTopic } from './topics.ts';
import { readSeconds } from './webhook-fields.ts';

/**
 * Unpacks every entry × change × message, status and error into one item. Each item carries what it needs to
 * be understood alone (account, field, phone number, its contact), in the exact text received.
 *
 * The text is read a fixed number of times, however many items it holds: Meta batches up to 1,000 in 3 MB.
 */
export function unpackWhatsApp({ text, json }: ParsedWebhook): readonly UnpackedItem[] {
  return findChanges({ text, json }).flatMap(unpackChange);
}

/** One `entry[].changes[]`, or the value found in its place. */
interface Change {
  /** `unknown`: a webhook without entries, or an entry without changes. */
  readonly kind: 'change' | 'unknown';
  /** Id of the WhatsApp business account. */
  readonly entryId: JsonSlice | undefined;
  /** When Meta sent it, in seconds; not every entry has it. */
  readonly entryTime: JsonSlice | undefined;
  readonly field: JsonSlice | undefined;
  /** The content of the change; the whole for an unknown shape. */
  readonly value: JsonSlice;
}

/**
 * Returns the changes of a webhook. A webhook without entries, or an entry without changes, is one of unknown
 * kind.
 */
function findChanges(webhook: JsonSlice): readonly Change[] {
  const entries = memberOf(webhook, 'entry');
  if (!Array.isArray(entries?.json)) return [unknownShape(webhook)];
  return elementsOf(entries).flatMap(changesOfEntry);
}

function changesOfEntry(entry: JsonSlice): readonly Change[] {
  const changes = memberOf(entry, 'changes');
  if (!Array.isArray(changes?.json)) return [unknownShape(entry)];
  const entryId = memberOf(entry, 'id');
  const entryTime = memberOf(entry, 'time');
  return elementsOf(changes).map((change) => ({
    kind: 'change',
    entryId,
    entryTime,
    field: memberOf(change, 'field'),
    value: memberOf(change, 'value') ?? change,
  }));
}

function unknownShape(value: JsonSlice): Change {
  return { kind: 'unknown', entryId: undefined, entryTime: undefined, field: undefined, value };
}

function unpackChange(change: Change): readonly UnpackedItem[] {
  const field = change.field?.json;
  if (field === topics.templateStatus) return [unpackTemplateStatus(change)];
  // Other fields reuse the names of the lists: the `statuses` of `calls` are statuses of calls.
  const mayHaveLists = change.kind === 'change' && (field === 'messages' || field === undefined);
  const items = mayHaveLists ? unpackLists(change) : [];
  return items.length > 0 ? items : [unpackOther(change)];
}

function unpackTemplateStatus(change: Change): UnpackedItem {
  const { entryId, entryTime, field, value } = change;
  const template_id = asText(memberOf(value, 'message_template_id'));
  const content = composeObject({ entry_id: entryId, time: entryTime, field, template_id, value });
  return toItem(topics.templateStatus, changeKey(change)(), content, entryTime?.json);
}

function unpackOther(change: Change): UnpackedItem {
  const { entryId, entryTime, field, value } = change;
  const content = composeObject({ entry_id: entryId, time: entryTime, field, value });
  return toItem(topics.other, changeKey(change)(), content, entryTime?.json);
}

/** The only id that Meta sends as a number. Parsing rounds it above 2^53, so its digits become text. */
function asText(id: JsonSlice | undefined): JsonSlice | undefined {
  return typeof id?.json === 'number' ? { text: JSON.stringify(id.text), json: id.text } : id;
}

/** What the items of one change share. */
interface ChangeContext {
  /** Part of each item: account, field, phone number. */
  readonly shared: Readonly<Record<'entry_id' | 'field' | 'metadata', JsonSlice | undefined>>;
  readonly phoneNumberId: unknown;
  readonly findContact: FindContact;
  /** For items without an id, which fail schema validation too. */
  readonly keyAt: ChangeKey;
}

/** Unpacks the messages, statuses and errors of one change; none if it has no such list. */
function unpackLists(change: Change): readonly UnpackedItem[] {
  const { entryId: entry_id, field, value } = change;
  const metadata = memberOf(value, 'metadata');
  const context: ChangeContext = {
    shared: { entry_id, field, metadata },
    phoneNumberId: fieldOf(metadata?.json, 'phone_number_id'),
    findContact: indexContacts(memberOf(value, 'contacts')),
    keyAt: changeKey(change),
  };
  return [
    ...elementsOf(memberOf(value, 'messages')).map((message, index) =>
      unpackMessage(context, message, index),
    ),
    ...elementsOf(memberOf(value, 'statuses')).map((status, index) => unpackStatus(context, status, index)),
    ...elementsOf(memberOf(value, 'errors')).map((error, index) => unpackError(context, error, index)),
  ];
}

function unpackMessage(context: ChangeContext, message: JsonSlice, index: number): UnpackedItem {
  const contact = context.findContact([fieldOf(message.json, 'from'), fieldOf(message.json, 'from_user_id')]);
  const isWelcome = fieldOf(message.json, 'type') === 'request_welcome';
  return toItem(
    isWelcome ? topics.chatOpened : topics.message,
    messageKey(context.phoneNumberId, message.json) ?? context.keyAt('messages', index),
    composeObject({ ...context.shared, contact, message }),
    fieldOf(message.json, 'timestamp'),
  );
}

function unpackStatus(context: ChangeContext, status: JsonSlice, index: number): UnpackedItem {
  const recipients = [fieldOf(status.json, 'recipient_id'), fieldOf(status.json, 'recipient_user_id')];
  return toItem(
    topics.status,
    statusKey(context.phoneNumberId, status.json) ?? context.keyAt('statuses', index),
    composeObject({ ...context.shared, contact: context.findContact(recipients), status }),
    fieldOf(status.json, 'timestamp'),
  );
}

function unpackError(context: ChangeContext, error: JsonSlice, index: number): UnpackedItem {
  return toItem(topics.error, context.keyAt('errors', index), composeObject({ ...context.shared, error }));
}

/** @param timestamp Meta's seconds; any other value leaves the time out */
function toItem(
  topic: WhatsAppTopic,
  idempotencyKey: string,
  content: JsonSlice,
  timestamp?: unknown,
): UnpackedItem {
  const occurredAt = readSeconds(timestamp);
  return {
    topic,
    idempotencyKey,
    body: content.text,
    input: content.json,
    ...(occurredAt === undefined ? {} : { occurredAt }),
  };
}

/** Returns the contact that a message or status is about. */
type FindContact = (ids: readonly unknown[]) => JsonSlice | undefined;

/**
 * Indexes the contacts of a value by `wa_id` (a phone number) and `user_id` (a business-scoped id, which may
 * be the only one). A message carries only its own contact: otherwise 1,000 messages would each carry 1,000.
 *
 * If no id matches, the only contact of a value is used: in real payloads `wa_id` may differ from `from`
 * (Meta normalizes the numbers of some countries).
 */
function indexContacts(contacts: JsonSlice | undefined): FindContact {
  const all = elementsOf(contacts);
  const only = all.length === 1 ? all[0] : undefined;
  const byId = new Map<string, JsonSlice>();
  for (const contact of all) {
    for (const name of ['wa_id', 'user_id']) {
      const id = fieldOf(contact.json, name);
      if (typeof id === 'string') byId.set(id, contact);
    }
  }
  return (ids) => {
    for (const id of ids) {
      const contact = typeof id === 'string' ? byId.get(id) : undefined;
      if (contact) return contact;
    }
    return only;
  };
}

/** Returns the key of a message: its id within its phone number; `undefined` without an id. */
function messageKey(phoneNumberId: unknown, message: unknown): string | undefined {
  const id = fieldOf(message, 'id');
  return typeof id === 'string' ? JSON.stringify(['message', phoneNumberId, id]) : undefined;
}

const STATUS_PARTS = ['status', 'timestamp', 'recipient_participant_id', 'recipient_participant_user_id'];

/**
 * Returns the key of a status: id of its message, status and time. A message passes through several statuses,
 * and a status may come again later. In a group each participant has a separate status, possibly in the same
 * second.
 *
 * @returns `undefined` without an id
 */
function statusKey(phoneNumberId: unknown, status: unknown): string | undefined {
  const id = fieldOf(status, 'id');
  if (typeof id !== 'string') return undefined;
  return JSON.stringify(['status', phoneNumberId, id, ...STATUS_PARTS.map((name) => fieldOf(status, name))]);
}

/** Returns the key of the part at a place, e.g. `('messages', 3)`, or of the whole change without a place. */
type ChangeKey = (...place: readonly (string | number)[]) => string;

/**
 * Keys of content without an id: a hash of account, field and the exact text of the value. `entry.time` is
 * left out: it is the time of sending, not of the occurrence, and a resend may carry another.
 *
 * @returns a function, so that a value with many parts is hashed once, and only if a part needs the hash
 */
function changeKey({ entryId, field, value }: Change): ChangeKey {
  let digest: string | undefined;
  return (...place) => {
    digest ??= createHash('sha256')
      .update(JSON.stringify([entryId?.text ?? null, field?.text ?? null]))
      .update(value.text)
      .digest('hex');
    return JSON.stringify(['change', digest, ...place]);
  };
}
