import { createHash } from 'node:crypto';
import type { Death } from '../dead-letter.ts';

/** What differs from one dead letter to the next of the same cause: ids, numbers, what is quoted. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/"[^"]{0,200}"|'[^']{0,200}'|`[^`]{0,200}`/g, '…'],
  [/\S{1,64}@\S{1,255}/g, '@'],
  [/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/gi, '#'],
  [/\b\w*\d\w*\b/g, '#'],
];

/** Of a message; its beginning says what it is about. */
const MAX_LENGTH = 300;

/** The issues that count: with the first the others come and go. */
const ISSUES = 3;

/**
 * Tells which dead letters are one incident: same connection, topic, event, reason and status, and a message that
 * differs in nothing but ids, numbers and what it quotes. Where a schema said no, its issues are the message, whatever
 * place of a list they are at.
 *
 * @returns 16 hex digits: of a million groups no two collide
 */
export function fingerprint({ reason, detail, origin }: Omit<Death, 'group'>): string {
  const { message, issues, status = 0, type = '' } = detail;
  const cause = issues?.length
    ? issues
        .slice(0, ISSUES)
        .map((issue) => `${issue.path.replace(/\d+/g, '#')}: ${normalise(issue.message)}`)
    : [normalise(message)];
  const { connection = '', topic = '', event = '' } = origin ?? {};
  const parts = [connection, topic, event, reason, status, type, ...cause];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** A message without what differs. */
function normalise(message: string): string {
  return VARYING.reduce((text, [what, mark]) => text.replace(what, mark), message.slice(0, MAX_LENGTH));
}
