import { maskBody, maskText } from '@sluice/events';
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
  place: Place,
  filter: DeadLetterFilter,
  { by, bodies }: ExportOptions,
): AsyncGenerator<ExportedDeadLetter> {
  if (bodies === 'exact') {
    const about = { filter: JSON.stringify(filter) };
    await appendAuditLine(place.redis, `${place.base}audit`, { action: 'export', ...by, about });
  }
  for await (const letters of pagesOfDeadLetters(place, filter, { limit: PAGE, among: 'dead' })) {
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
