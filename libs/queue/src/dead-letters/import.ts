import type { Delivery, DeliveryId } from '@sluice/events';
import { appendAuditLine } from '../audit/audit-log.ts';
import type { TransitionContext } from '../bullmq/context.ts';
import { JOB_OPTIONS } from '../bullmq/layout.ts';
import { ledgerKey, readCounters } from '../bullmq/ledger-counters.ts';
import { addBloomFilter } from '../records/bloom-filter.ts';
import { deduplicationId, storeDelivery } from '../records/delivery.ts';
import { writeFailure } from '../records/failure.ts';
import type { Operator } from '../scheduler/types.ts';
import type { OnProgress } from './discard.ts';
import { type ExportedDeadLetter, exportedDeadLetter } from './export.ts';

export type Imported =
  | { readonly ok: true; readonly result: 'imported' | 'there' | 'duplicate' }
  /** The line is none that can be taken in. */
  | { readonly ok: false; readonly why: string };

/**
 * Takes a dead letter in that was exported, as it was: dead, for the same reason, with its id. The ledger counts it as
 * accepted here.
 *
 * @param homeOf the shard of a connection
 * @param line of NDJSON, as an export with bodies writes it
 */
async function importDeadLetter(
  homeOf: (connection: string) => Pick<TransitionContext, 'backend'>,
  line: string,
): Promise<Imported> {
  const read = readLine(line);
  if (!read.ok) return read;
  const { letter, delivery, original } = read;
  const { reason, detail, connection, source, topic, event } = letter;
  const origin = { connection, source, topic, ...(event === undefined ? {} : { event }) };
  const fields = {
    name: topic,
    data: JSON.stringify(storeDelivery(delivery)),
    opts: JSON.stringify({ ...JOB_OPTIONS, jobId: letter.id, timestamp: letter.receivedAt, connection }),
    timestamp: letter.receivedAt,
    delay: 0,
    priority: 0,
    atm: letter.attempts,
    ats: letter.attempts,
    ...(original ? { 'sl:original': JSON.stringify(storeDelivery(original)) } : {}),
  };
  const args = [
    letter.id,
    deduplicationId(delivery),
    connection,
    letter.diedAt,
    addBloomFilter(writeFailure(reason, detail, origin), delivery, ...(original ? [original] : [])),
  ];
  const result = await homeOf(connection).backend.transition('import', [
    ...args,
    ...Object.entries(fields).flat(),
  ]);
  return { ok: true, result: result as Extract<Imported, { ok: true }>['result'] };
}

type Line =
  | {
      readonly ok: true;
      readonly letter: ExportedDeadLetter;
      readonly delivery: Delivery;
      readonly original?: Delivery;
    }
  | { readonly ok: false; readonly why: string };

function readLine(line: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { ok: false, why: 'it is not JSON' };
  }
  const parsed = exportedDeadLetter.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ok: false, why: `${issue?.path.join('.') || 'it'}: ${issue?.message}` };
  }
  const letter = parsed.data;
  const { key, headers, body, originalBody } = letter;
  if (letter.redacted) return { ok: false, why: 'it is redacted, so what was sent is not in it' };
  if (key === undefined || headers === undefined || body === undefined) {
    return { ok: false, why: 'it has no body  — export with bodies' };
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

/** What became of the lines of an export. */
export interface ImportSummary {
  /** Taken in; there already; there as another delivery. */
  readonly imported: number;
  readonly there: number;
  readonly duplicate: number;
  /** None that can be taken in; the first of them are told. */
  readonly refused: number;
  readonly refusals: readonly { readonly line: number; readonly why: string }[];
}

/** Lines on their way to Redis at once, and characters of theirs: 1 MB of 8 kB each, or a few of 20 MB. */
const AT_ONCE = 100;
const CHARACTERS_AT_ONCE = 8_000_000;

/** Refusals that are told. */
const TOLD = 20;

/**
 * Takes in dead letters that were exported, a line each. It may be cut off anywhere and run again: what is there is
 * left as it is. With several shards each goes to where its connection's deliveries are.
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
  if (!first) throw new Error('there is no shard');
  const audit = (action: string, about: Record<string, string>) =>
    appendAuditLine(first.redis, `${first.base}audit`, { action, who, reason, about });
  const homeOf = await findHomes(shards, first);
  // Whoever is cut off has begun it all the same.
  await audit('import', {});
  for await (const batch of batchesOf(lines)) {
    const results = await Promise.all(batch.map((line) => importDeadLetter(homeOf, line)));
    for (const [index, result] of results.entries()) {
      counts[result.ok ? result.result : 'refused']++;
      if (!result.ok && refusals.length < TOLD) refusals.push({ line: read + index + 1, why: result.why });
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
 * Finds out where the deliveries of each connection are, by the ledgers of the shards: which it is that has accepted
 * the most of them.
 *
 * @param stranger where those of a connection are to go that no shard knows
 */
async function findHomes(
  shards: readonly TransitionContext[],
  stranger: TransitionContext,
): Promise<(connection: string) => TransitionContext> {
  if (shards.length === 1) return () => stranger;
  const homes = new Map<string, { readonly moving: TransitionContext; readonly accepted: number }>();
  for (const moving of shards) {
    const fields = Object.entries(await moving.redis.hgetall(ledgerKey(moving.base.slice(0, -1)))).flat();
    for (const [connection, { accepted }] of readCounters(fields)) {
      if (accepted > (homes.get(connection)?.accepted ?? 0)) homes.set(connection, { moving, accepted });
    }
  }
  return (connection) => homes.get(connection)?.moving ?? stranger;
}
