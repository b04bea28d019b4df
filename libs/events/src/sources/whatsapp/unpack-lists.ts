import type { UnpackedItem } from '../../define-source.ts';
import { composeObject, elementsOf, fieldOf, type JsonSlice, memberOf } from '../../piece.ts';
import { type FindContact, indexContacts } from './contacts.ts';
import type { Change } from './find-changes.ts';
import { type ChangeKey, changeKey, messageKey, statusKey } from './idempotency-key.ts';
import { toItem } from './to-item.ts';
import { topics } from './topics.ts';

/** What the items of one value share. */
interface Shared {
  /** Goes into each item: account, field, phone number. */
  readonly around: Readonly<Record<'entry_id' | 'field' | 'metadata', JsonSlice | undefined>>;
  readonly phoneNumberId: unknown;
  readonly findContact: FindContact;
  /** For items without an id, which do not fit their events either. */
  readonly keyAt: ChangeKey;
}

/** Unpacks the messages, statuses and errors of one change; none where it has no such list. */
export function unpackLists(change: Change): readonly UnpackedItem[] {
  const { entryId: entry_id, field, value } = change;
  const metadata = memberOf(value, 'metadata');
  const shared: Shared = {
    around: { entry_id, field, metadata },
    phoneNumberId: fieldOf(metadata?.json, 'phone_number_id'),
    findContact: indexContacts(memberOf(value, 'contacts')),
    keyAt: changeKey(change),
  };
  return [
    ...elementsOf(memberOf(value, 'messages')).map((message, index) => unpackMessage(shared, message, index)),
    ...elementsOf(memberOf(value, 'statuses')).map((status, index) => unpackStatus(shared, status, index)),
    ...elementsOf(memberOf(value, 'errors')).map((error, index) => unpackError(shared, error, index)),
  ];
}

function unpackMessage(shared: Shared, message: JsonSlice, index: number): UnpackedItem {
  const contact = shared.findContact([fieldOf(message.json, 'from'), fieldOf(message.json, 'from_user_id')]);
  const isWelcome = fieldOf(message.json, 'type') === 'request_welcome';
  return toItem(
    isWelcome ? topics.chatOpened : topics.message,
    messageKey(shared.phoneNumberId, message.json) ?? shared.keyAt('messages', index),
    composeObject({ ...shared.around, contact, message }),
    fieldOf(message.json, 'timestamp'),
  );
}

function unpackStatus(shared: Shared, status: JsonSlice, index: number): UnpackedItem {
  const recipients = [fieldOf(status.json, 'recipient_id'), fieldOf(status.json, 'recipient_user_id')];
  return toItem(
    topics.status,
    statusKey(shared.phoneNumberId, status.json) ?? shared.keyAt('statuses', index),
    composeObject({ ...shared.around, contact: shared.findContact(recipients), status }),
    fieldOf(status.json, 'timestamp'),
  );
}

function unpackError(shared: Shared, error: JsonSlice, index: number): UnpackedItem {
  return toItem(topics.error, shared.keyAt('errors', index), composeObject({ ...shared.around, error }));
}
