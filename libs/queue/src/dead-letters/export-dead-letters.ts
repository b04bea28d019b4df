import { appendAuditLine } from '../audit/append-audit-line.ts';
import type { Operator } from '../gate/gate.ts';
import { type Bodies, readBodies } from '../read-bodies.ts';
import type { ExportedDeadLetter } from './exported-dead-letter.ts';
import type { DeadLetterFilter } from './filter-schema.ts';
import type { DeadLetter } from './find-dead-letters.ts';
import { pagesOfDeadLetters } from './pages-of-dead-letters.ts';
import type { Place } from './place.ts';

export interface ExportOptions {
  /** Who asks for it, and why. */
  readonly by: Operator;
  /** Bodies as well, with the headers and what tells duplicates: what an import needs. */
  readonly bodies?: boolean;
  /** Masks personal data in a body; what is exported so cannot be imported. */
  readonly redact?: (body: string) => string;
}

/** Bodies a round trip: 100 of 8 kB. */
const PAGE = 100;

/** Reads the dead letters that fit, those first that died first, page by page: nothing piles up. */
export async function* exportDeadLetters(
  place: Place,
  filter: DeadLetterFilter,
  { by, bodies = false, redact }: ExportOptions,
): AsyncGenerator<ExportedDeadLetter> {
  if (bodies && !redact) {
    const about = { filter: JSON.stringify(filter) };
    await appendAuditLine(place.redis, `${place.base}audit`, { action: 'export', ...by, about });
  }
  for await (const letters of pagesOfDeadLetters(place, filter, { limit: PAGE, among: 'dead' })) {
    const ids = letters.map(({ id }) => id);
    const byId = new Map((await readBodies(place, ids)).map((one) => [one.id, one]));
    for (const letter of letters) {
      const read = byId.get(letter.id);
      // Gone meanwhile.
      if (read) yield toExported(letter, read, bodies, redact);
    }
  }
}

function toExported(
  { id, connection, topic, origin, reason, detail, receivedAt, diedAt, attempts }: DeadLetter,
  read: Bodies,
  bodies: boolean,
  redact: ((body: string) => string) | undefined,
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
    ...(bodies ? contentOf(read, redact) : {}),
  };
}

function contentOf(
  read: Bodies,
  redact: ((body: string) => string) | undefined,
): Partial<ExportedDeadLetter> {
  if (!read.ok) return {};
  const { body, headers, idempotencyKey } = read.delivery;
  if (redact) return { redacted: true, body: redact(body) };
  const original = read.original?.ok ? { originalBody: read.original.delivery.body } : {};
  return { key: idempotencyKey, headers: { ...headers }, body, ...original };
}
