import type { UnpackedItem } from '../../define-source.ts';
import type { JsonSlice } from '../../piece.ts';
import { readSeconds } from './read-seconds.ts';
import type { WhatsAppTopic } from './topics.ts';

/**
 * Makes an item out of a piece.
 *
 * @param timestamp when it happened, as Meta wrote it: seconds; whatever else it is leaves the time out
 */
export function toItem(
  topic: WhatsAppTopic,
  idempotencyKey: string,
  piece: JsonSlice,
  timestamp?: unknown,
): UnpackedItem {
  const occurredAt = readSeconds(timestamp);
  return {
    topic,
    idempotencyKey,
    body: piece.text,
    input: piece.json,
    ...(occurredAt === undefined ? {} : { occurredAt }),
  };
}
