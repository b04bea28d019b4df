import type { ParsedWebhook, UnpackedItem } from '../../define-source.ts';
import { fieldOf } from '../../piece.ts';
import { linearIdempotencyKey } from './idempotency-key.ts';

/** A Linear webhook is one item, the whole body; its topic is type and action, like `Issue.create`. */
export function unpackLinear(parsed: ParsedWebhook): readonly UnpackedItem[] {
  const { text, json } = parsed;
  const occurredAt =
    timeOf(fieldOf(json, 'createdAt')) ?? timeOf(fieldOf(fieldOf(json, 'data'), 'updatedAt'));
  return [
    {
      topic: `${nameIn(json, 'type')}.${nameIn(json, 'action')}`,
      idempotencyKey: linearIdempotencyKey(parsed),
      body: text,
      input: json,
      ...(occurredAt === undefined ? {} : { occurredAt }),
    },
  ];
}

function nameIn(json: unknown, field: 'type' | 'action'): string {
  const name = fieldOf(json, field);
  return typeof name === 'string' ? name : '';
}

function timeOf(text: unknown): number | undefined {
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
