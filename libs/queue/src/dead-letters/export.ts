import { maskBody, maskText } from '@sluice/events';
import { z } from 'zod';
import { appendAuditLine } from '../audit/audit-log.ts';
import type { QueueContext } from '../bullmq/context.ts';
import { type Bodies, readBodies } from '../bullmq/read-bodies.ts';
import { OWN_KEYS } from '../keys.ts';
import { DEAD_REASONS } from '../records/outcome.ts';
import type { Operator } from '../scheduler/types.ts';
import type { DeadLetterFilter } from './filter.ts';
import { deliveryId } from './filter-schema.ts';
import { type DeadLetter, deadLetterPages } from './search.ts';

export interface ExportOptions {
  /** Recorded in the audit log with exact bodies. */
  readonly by: Operator;
  /**
   * An import needs `exact` bodies, which come with headers and idempotency keys. Otherwise personal data is masked, in
   * messages as well.
   */
  readonly bodies: 'none' | 'masked' | 'exact';
}

/** Bodies per round trip; 8 kB each. */
const PAGE = 100;

/** Yields the dead letters that match, oldest first, page by page. */
export async function* exportDeadLetters(
  queue: QueueContext,
  filter: DeadLetterFilter,
  { by, bodies }: ExportOptions,
): AsyncGenerator<ExportedDeadLetter> {
  if (bodies === 'exact') {
    const about = { filter: JSON.stringify(filter) };
    await appendAuditLine(queue.redis, queue.base + OWN_KEYS.audit, { action: 'export', ...by, about });
  }
  for await (const letters of deadLetterPages(queue, filter, { limit: PAGE, among: 'dead' })) {
    const ids = letters.map(({ id }) => id);
    const byId = new Map((await readBodies(queue, ids)).map((stored) => [stored.id, stored]));
    for (const letter of letters) {
      const read = byId.get(letter.id);
      // Undefined if it is gone meanwhile.
      if (read) yield bodies === 'exact' ? exact(letter, read) : masked(letter, read, bodies);
    }
  }
}

function exact(letter: DeadLetter, read: Bodies): ExportedDeadLetter {
  const exported = withoutBody(letter, read);
  if (!read.ok) return exported;
  const { body, headers, idempotencyKey } = read.delivery;
  const original = read.original?.ok ? { originalBody: read.original.delivery.body } : {};
  return { ...exported, key: idempotencyKey, headers: { ...headers }, body, ...original };
}

function masked(letter: DeadLetter, read: Bodies, bodies: 'none' | 'masked'): ExportedDeadLetter {
  const { detail, ...exported } = withoutBody(letter, read);
  const { message, issues } = detail;
  const masked = {
    ...detail,
    message: maskText(message),
    ...(issues ? { issues: issues.map((issue) => ({ ...issue, message: maskText(issue.message) })) } : {}),
  };
  if (bodies === 'none' || !read.ok) return { ...exported, detail: masked };
  return { ...exported, detail: masked, redacted: true, body: JSON.stringify(maskBody(read.delivery.body)) };
}

function withoutBody(
  { id, connection, topic, origin, reason, detail, receivedAt, diedAt, attempts }: DeadLetter,
  read: Bodies,
): ExportedDeadLetter {
  const delivery = read.ok ? read.delivery : undefined;
  const event = origin?.event;
  const { issues, ...rest } = detail;
  return {
    v: 1,
    id,
    connection,
    source: delivery?.source ?? origin?.source ?? '',
    topic,
    ...(event === undefined ? {} : { event }),
    reason,
    detail: { ...rest, ...(issues ? { issues: [...issues] } : {}) },
    receivedAt,
    ...(delivery?.occurredAt === undefined ? {} : { occurredAt: delivery.occurredAt }),
    diedAt,
    attempts,
  };
}

/** A dead letter as a line of NDJSON. It can be imported if it has its body and is not redacted. */
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
    eventId: z.string().exactOptional(),
  }),
  /** Milliseconds since the epoch, like all times. */
  receivedAt: z.number(),
  occurredAt: z.number().exactOptional(),
  diedAt: z.number(),
  attempts: z.number().int().min(0),
  /** Personal data in its body is masked. */
  redacted: z.literal(true).exactOptional(),
  key: z.string().exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  /** The exact text, unless it is redacted. */
  body: z.string().exactOptional(),
  /** The body before an operator edited it. */
  originalBody: z.string().exactOptional(),
});

export type ExportedDeadLetter = z.output<typeof exportedDeadLetter>;
