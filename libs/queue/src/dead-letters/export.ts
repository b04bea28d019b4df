import { maskBody, maskText } from '@sluice/events';
import { z } from 'zod';
import { appendAuditLine } from '../audit/audit-log.ts';
import type { QueueContext } from '../bullmq/context.ts';
import { type Bodies, readBodies } from '../bullmq/read-bodies.ts';
import { DEAD_REASONS } from '../records/outcome.ts';
import type { Operator } from '../scheduler/types.ts';
import type { DeadLetterFilter } from './filter.ts';
import { deliveryId } from './filter-schema.ts';
import { type DeadLetter, deadLetterPages } from './search.ts';

export interface ExportOptions {
  /** Who asks for it, and why. */
  readonly by: Operator;
  /**
   * Exact ones, with the headers and what tells duplicates, are what an import needs. Unless they are exact, personal
   * data is masked, in messages as well.
   */
  readonly bodies: 'none' | 'masked' | 'exact';
}

/** Bodies a round trip: 100 of 8 kB. */
const PAGE = 100;

/** Reads the dead letters that fit, those first that died first, page by page: nothing piles up. */
export async function* exportDeadLetters(
  place: QueueContext,
  filter: DeadLetterFilter,
  { by, bodies }: ExportOptions,
): AsyncGenerator<ExportedDeadLetter> {
  if (bodies === 'exact') {
    const about = { filter: JSON.stringify(filter) };
    await appendAuditLine(place.redis, `${place.base}audit`, { action: 'export', ...by, about });
  }
  for await (const letters of deadLetterPages(place, filter, { limit: PAGE, among: 'dead' })) {
    const ids = letters.map(({ id }) => id);
    const byId = new Map((await readBodies(place, ids)).map((one) => [one.id, one]));
    for (const letter of letters) {
      const read = byId.get(letter.id);
      // Gone meanwhile.
      if (read) yield bodies === 'exact' ? exact(letter, read) : masked(letter, read, bodies);
    }
  }
}

function exact(letter: DeadLetter, read: Bodies): ExportedDeadLetter {
  const told = inShort(letter, read);
  if (!read.ok) return told;
  const { body, headers, idempotencyKey } = read.delivery;
  const original = read.original?.ok ? { originalBody: read.original.delivery.body } : {};
  return { ...told, key: idempotencyKey, headers: { ...headers }, body, ...original };
}

function masked(letter: DeadLetter, read: Bodies, bodies: 'none' | 'masked'): ExportedDeadLetter {
  const { detail, ...told } = inShort(letter, read);
  const { message, issues } = detail;
  const words = {
    ...detail,
    message: maskText(message),
    ...(issues ? { issues: issues.map((issue) => ({ ...issue, message: maskText(issue.message) })) } : {}),
  };
  if (bodies === 'none' || !read.ok) return { ...told, detail: words };
  return { ...told, detail: words, redacted: true, body: JSON.stringify(maskBody(read.delivery.body)) };
}

function inShort(
  { id, connection, topic, origin, reason, detail, receivedAt, diedAt, attempts }: DeadLetter,
  read: Bodies,
): ExportedDeadLetter {
  const delivery = read.ok ? read.delivery : undefined;
  const event = origin?.event;
  const { issues, ...told } = detail;
  return {
    v: 1,
    id,
    connection,
    source: delivery?.source ?? origin?.source ?? '',
    topic,
    ...(event === undefined ? {} : { event }),
    reason,
    detail: { ...told, ...(issues ? { issues: [...issues] } : {}) },
    receivedAt,
    ...(delivery?.occurredAt === undefined ? {} : { occurredAt: delivery.occurredAt }),
    diedAt,
    attempts,
  };
}

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
