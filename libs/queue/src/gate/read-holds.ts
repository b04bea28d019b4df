import type { Hold } from './turn.ts';

/** What the script answers of each hold. */
type Answer = readonly [
  connection: string,
  by: Hold['by'],
  reason: string,
  since: string,
  probeAt: string,
  waiting: number,
];

/** Reads what the script of `holds` answered, by name of the connection. */
export function readHolds(answered: unknown): readonly Hold[] {
  return (answered as readonly Answer[])
    .map(([connection, by, reason, since, probeAt, waiting]) => ({
      connection,
      by,
      reason,
      since: Number(since),
      ...(probeAt === '' ? {} : { probeAt: Number(probeAt) }),
      waiting,
    }))
    .sort((one, other) => (one.connection < other.connection ? -1 : 1));
}
