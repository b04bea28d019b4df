import type { Delivery, DeliveryId } from '@sluice/events';
import { appendAuditLine } from '../audit/audit-log.ts';
import type { TransitionContext } from '../bullmq/context.ts';
import { DELIVERY_FIELDS, JOB_FIELDS, JOB_OPTIONS } from '../bullmq/layout.ts';
import { ledgerKey, readCounters } from '../bullmq/ledger-counters.ts';
import { OWN_KEYS } from '../keys.ts';
import { addBloomFilter } from '../records/bloom-filter.ts';
import { deduplicationId, storeDelivery } from '../records/delivery.ts';
import { writeFailure } from '../records/failure.ts';
import type { Operator } from '../scheduler/types.ts';
import type { OnProgress } from './discard.ts';
import { type ExportedDeadLetter, exportedDeadLetter } from './export.ts';

type ImportResult =
  /** `there`: a delivery with that id exists. `duplicate`: the same webhook exists as another delivery. */
  | { readonly ok: true; readonly result: 'imported' | 'there' | 'duplicate' }
  /** The line cannot be imported. */
  | { readonly ok: false; readonly why: string };

/**
 * Imports an exported dead letter unchanged: dead, with its failure and its id. The ledger counts it as accepted.
 *
 * @param shardOf returns the shard of a connection
 * @param line a line of NDJSON from an export with exact bodies
 */
async function importDeadLetter(
  shardOf: (connection: string) => Pick<TransitionContext, 'backend'>,
  line: string,
): Promise<ImportResult> {
  const parsed = parseLine(line);
  if (!parsed.ok) return parsed;
  const { letter, delivery, original } = parsed;
  const { reason, detail, connection, source, topic, event } = letter;
  const origin = { connection, source, topic, ...(event === undefined ? {} : { event }) };
  const fields = {
    [JOB_FIELDS.name]: topic,
    [JOB_FIELDS.data]: JSON.stringify(storeDelivery(delivery)),
    [JOB_FIELDS.opts]: JSON.stringify({
      ...JOB_OPTIONS,
      jobId: letter.id,
      timestamp: letter.receivedAt,
      connection,
    }),
    [JOB_FIELDS.timestamp]: letter.receivedAt,
    [JOB_FIELDS.delay]: 0,
    [JOB_FIELDS.priority]: 0,
    [JOB_FIELDS.attemptsMade]: letter.attempts,
    [JOB_FIELDS.attemptsStarted]: letter.attempts,
    ...(detail.eventId === undefined ? {} : { [DELIVERY_FIELDS.events]: detail.eventId }),
    ...(original ? { [DELIVERY_FIELDS.original]: JSON.stringify(storeDelivery(original)) } : {}),
  };
  const { message, failure } = writeFailure(reason, detail, origin);
  const args = [
    letter.id,
    deduplicationId(delivery),
    connection,
    letter.diedAt,
    message,
    addBloomFilter(failure, delivery, ...(original ? [original] : [])),
  ];
  const result = await shardOf(connection).backend.transition('import', [
    ...args,
    ...Object.entries(fields).flat(),
  ]);
  return { ok: true, result: result as Extract<ImportResult, { ok: true }>['result'] };
}

type Line =
  | {
      readonly ok: true;
      readonly letter: ExportedDeadLetter;
      readonly delivery: Delivery;
      readonly original?: Delivery;
    }
  | { readonly ok: false; readonly why: string };

function parseLine(line: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { ok: false, why: 'The line is not JSON.' };
  }
  const parsed = exportedDeadLetter.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ok: false, why: `${issue?.path.join('.') || 'line'}: ${issue?.message}` };
  }
  const letter = parsed.data;
  const { key, headers, body, originalBody } = letter;
  if (letter.redacted) return { ok: false, why: 'The dead letter is redacted. Export it with exact bodies.' };
  if (key === undefined || headers === undefined || body === undefined) {
    return { ok: false, why: 'The dead letter has no body. Export it with exact bodies.' };
  }
  const delivery = toDelivery(letter, { key, headers, body });
  return {
    ok: true,
    letter,
    delivery,
    ...(originalBody === undefined ? {} : { original: { ...delivery, body: originalBody } }),
  };
}

function toDelivery(
  { id, connection, source, topic, receivedAt, occurredAt }: ExportedDeadLetter,
  { key, headers, body }: { readonly key: string; headers: Record<string, string>; readonly body: string },
): Delivery {
  return {
    ...{ id: id as DeliveryId, connection, source, topic, receivedAt, headers, body },
    idempotencyKey: key,
    ...(occurredAt === undefined ? {} : { occurredAt }),
  };
}

/** The result of an import. */
export interface ImportSummary {
  /** Lines that were imported; that exist already; that exist as another delivery. */
  readonly imported: number;
  readonly there: number;
  readonly duplicate: number;
  /** Lines that cannot be imported, and the first of them. */
  readonly refused: number;
  readonly refusals: readonly { readonly line: number; readonly why: string }[];
}

/** Lines per batch, and their characters: 100 lines of 8 kB, or a few of 20 MB. */
const AT_ONCE = 100;
const CHARACTERS_AT_ONCE = 8_000_000;

const MAX_REFUSALS = 20;

/**
 * Imports exported dead letters, one per line. It may be interrupted at any point and run again: existing deliveries
 * are not changed. With several shards, each goes to the shard of its connection.
 */
export async function importDeadLetters(
  shards: readonly TransitionContext[],
  lines: AsyncIterable<string> | Iterable<string>,
  { who, reason }: Operator,
  onProgress: OnProgress = () => {},
): Promise<ImportSummary> {
  const counts = { imported: 0, there: 0, duplicate: 0, refused: 0 };
  const refusals: { line: number; why: string }[] = [];
  let read = 0;
  const [first] = shards;
  if (!first) throw new Error('No shard is open.');
  const audit = (action: string, about: Record<string, string>) =>
    appendAuditLine(first.redis, first.base + OWN_KEYS.audit, { action, who, reason, about });
  const shardOf = await locateConnections(shards, first);
  // An interrupted import is in the audit log as well.
  await audit('import', {});
  for await (const batch of batchesOf(lines)) {
    const results = await Promise.all(batch.map((line) => importDeadLetter(shardOf, line)));
    for (const [index, result] of results.entries()) {
      counts[result.ok ? result.result : 'refused']++;
      if (!result.ok && refusals.length < MAX_REFUSALS)
        refusals.push({ line: read + index + 1, why: result.why });
    }
    read += batch.length;
    onProgress(read);
  }
  await audit('imported', { count: String(counts.imported) });
  return { ...counts, refusals };
}

async function* batchesOf(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  let characters = 0;
  for await (const line of lines) {
    batch.push(line);
    characters += line.length;
    if (batch.length < AT_ONCE && characters < CHARACTERS_AT_ONCE) continue;
    yield batch;
    [batch, characters] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

/**
 * Locates the shard of each connection by the ledgers: it is the one that has accepted most of its deliveries.
 *
 * @param fallback the shard of connections that no ledger has
 */
async function locateConnections(
  shards: readonly TransitionContext[],
  fallback: TransitionContext,
): Promise<(connection: string) => TransitionContext> {
  if (shards.length === 1) return () => fallback;
  const located = new Map<string, { readonly shard: TransitionContext; readonly accepted: number }>();
  for (const shard of shards) {
    const fields = Object.entries(await shard.redis.hgetall(ledgerKey(shard.base.slice(0, -1)))).flat();
    for (const [connection, { accepted }] of readCounters(fields)) {
      if (accepted > (located.get(connection)?.accepted ?? 0)) located.set(connection, { shard, accepted });
    }
  }
  return (connection) => located.get(connection)?.shard ?? fallback;
}
