import { z } from 'zod';
import type { DeadDetail, DeadReason } from './delivery-outcome.ts';

const deadLetter = z.object({
  reason: z.enum([
    'invalid_input',
    'mapper_threw',
    'invalid_event',
    'rejected',
    'too_large',
    'retries_exhausted',
    'crashed',
    'ambiguous',
    'unknown_connection',
  ]),
  detail: z.object({
    message: z.string(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    status: z.number().optional(),
    type: z.string().optional(),
    errorId: z.string().optional(),
  }),
});

/** Writes why a delivery died, as the `failedReason` of its job. */
export function writeDeadReason(reason: DeadReason, detail: DeadDetail): string {
  return JSON.stringify({ reason, detail });
}

/**
 * Reads why a delivery died. BullMQ itself fails a job that stalled too often, that is whose process died
 * with it again and again, in words of its own: that is `crashed`.
 */
export function readDeadReason(failedReason: string): { reason: DeadReason; detail: DeadDetail } {
  const read = deadLetter.safeParse(parseOrUndefined(failedReason));
  if (!read.success) return { reason: 'crashed', detail: { message: failedReason } };
  return read.data as { reason: DeadReason; detail: DeadDetail };
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
