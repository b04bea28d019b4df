import { elementsOf, type JsonSlice, memberOf } from '../../piece.ts';

/** One `entry[].changes[]`, or what stands where one was expected. */
export interface Change {
  /** `unknown`: a webhook without entries, or an entry without changes. */
  readonly kind: 'change' | 'unknown';
  /** Id of the WhatsApp business account. */
  readonly entryId: JsonSlice | undefined;
  /** When Meta sent it, in seconds; not every entry has it. */
  readonly entryTime: JsonSlice | undefined;
  readonly field: JsonSlice | undefined;
  /** What happened; the whole where it has another shape. */
  readonly value: JsonSlice;
}

/** Finds the changes of a webhook. What has no entries, or no changes, counts as one of unknown kind. */
export function findChanges(webhook: JsonSlice): readonly Change[] {
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
