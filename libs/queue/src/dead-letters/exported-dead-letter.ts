import { z } from 'zod';
import { DEAD_REASONS } from '../dead-letter.ts';
import { deliveryId } from './filter-schema.ts';

/** A dead letter as a line of NDJSON, which another Sluice can take in if it has its body and is not redacted. */
export const exportedDeadLetter = z.strictObject({
  v: z.literal(1),
  id: deliveryId,
  connection: z.string(),
  source: z.string(),
  topic: z.string(),
  event: z.string().exactOptional(),
  reason: z.enum(DEAD_REASONS),
  detail: z.strictObject({
    message: z.string(),
    issues: z.array(z.strictObject({ path: z.string(), message: z.string() })).exactOptional(),
    status: z.number().exactOptional(),
    type: z.string().exactOptional(),
    errorId: z.string().exactOptional(),
  }),
  /** Milliseconds since the epoch, like all times. */
  receivedAt: z.number(),
  occurredAt: z.number().exactOptional(),
  diedAt: z.number(),
  attempts: z.number().int().min(0),
  /** Personal data in its body are masked. */
  redacted: z.literal(true).exactOptional(),
  key: z.string().exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  /** The exact text, unless it is redacted. */
  body: z.string().exactOptional(),
  /** What the body was before an operator edited it. */
  originalBody: z.string().exactOptional(),
});

export type ExportedDeadLetter = z.output<typeof exportedDeadLetter>;
