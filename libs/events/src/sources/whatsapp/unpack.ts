import type { ParsedWebhook, UnpackedItem } from '../../define-source.ts';
import { composeObject, type JsonSlice, memberOf } from '../../piece.ts';
import { type Change, findChanges } from './find-changes.ts';
import { changeKey } from './idempotency-key.ts';
import { toItem } from './to-item.ts';
import { topics } from './topics.ts';
import { unpackLists } from './unpack-lists.ts';

/**
 * Unpacks every entry × change × message, status and error into an item of its own. Each carries what it needs
 * to be understood alone (account, field, phone number, its own contact), all in the exact text as it came.
 *
 * The text is read a fixed number of times, however many items it holds: Meta batches up to 1,000 in 3 MB.
 */
export function unpackWhatsApp({ text, json }: ParsedWebhook): readonly UnpackedItem[] {
  return findChanges({ text, json }).flatMap(unpackChange);
}

function unpackChange(change: Change): readonly UnpackedItem[] {
  const field = change.field?.json;
  if (field === topics.templateStatus) return [unpackTemplateStatus(change)];
  // Other fields have lists of the same names with other things in them: the `statuses` of `calls` are of calls.
  const mayHaveLists = change.kind === 'change' && (field === 'messages' || field === undefined);
  const items = mayHaveLists ? unpackLists(change) : [];
  return items.length > 0 ? items : [unpackOther(change)];
}

function unpackTemplateStatus(change: Change): UnpackedItem {
  const { entryId, entryTime, field, value } = change;
  const template_id = asText(memberOf(value, 'message_template_id'));
  const piece = composeObject({ entry_id: entryId, time: entryTime, field, template_id, value });
  return toItem(topics.templateStatus, changeKey(change)(), piece, entryTime?.json);
}

function unpackOther(change: Change): UnpackedItem {
  const { entryId, entryTime, field, value } = change;
  const piece = composeObject({ entry_id: entryId, time: entryTime, field, value });
  return toItem(topics.other, changeKey(change)(), piece, entryTime?.json);
}

/** The only id that Meta sends as a number. Above 2^53 parsing would round it, so its digits become a text. */
function asText(id: JsonSlice | undefined): JsonSlice | undefined {
  return typeof id?.json === 'number' ? { text: JSON.stringify(id.text), json: id.text } : id;
}
