import type { Delivery, DeliveryId } from '@sluice/events';
import { writeDeadReason } from '../dead-letter.ts';
import { deduplicationId } from '../deduplication-id.ts';
import { storeDelivery } from '../delivery-job.ts';
import { JOB_OPTIONS } from '../queue-settings.ts';
import { type ExportedDeadLetter, exportedDeadLetter } from './exported-dead-letter.ts';
import { addSieve } from './filter-sieve.ts';
import type { Moving } from './moving.ts';

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
export async function importDeadLetter(
  homeOf: (connection: string) => Pick<Moving, 'backend'>,
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
    addSieve(writeDeadReason(reason, detail, origin), delivery, ...(original ? [original] : [])),
  ];
  const result = await homeOf(connection).backend.move('import', [...args, ...Object.entries(fields).flat()]);
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
