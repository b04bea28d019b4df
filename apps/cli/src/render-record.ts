import {
  type AttemptNote,
  type DeliveryRecord,
  type DiscardNote,
  type EditNote,
  REMEDIES,
  type Whereabouts,
} from '@sluice/queue';
import { oneLine } from './printed.ts';
import { renderTable } from './render-table.ts';

/** What is shown only if it is asked for, for it may name people. */
export interface Showing {
  readonly body: boolean;
  /** What today's mappers make of it. */
  readonly mapped?: string;
}

/** Lays out all that is known of a delivery. */
export function renderRecord(record: DeliveryRecord, { body, mapped }: Showing): string {
  const { reading, where, attempts, began, replay, edits, original } = record;
  const lines: (readonly [string, string])[] = [['state', describeWhere(where)]];
  if (reading.ok) {
    const { connection, source, topic, receivedAt, occurredAt } = reading.delivery;
    lines.push(['connection', `${connection} (${source})`], ['topic', topic], ['received', time(receivedAt)]);
    if (occurredAt !== undefined) lines.push(['occurred', time(occurredAt)]);
  } else lines.push(['topic', record.topic], ['unreadable', reading.why]);
  if (replay !== undefined) lines.push(['replayed', `by ${replay || 'hand'}, behind what is live`]);
  if (began !== undefined && where.state !== 'delivered')
    lines.push(['in question', `an attempt of ${time(began)} may have created an event`]);
  for (const edit of edits) lines.push(['edited', describeEdit(edit)]);
  if (where.state === 'discarded') lines.push(['discarded', describeDiscard(where.by)]);
  if (where.state === 'dead' || where.state === 'discarded') lines.push(...describeDeath(where.death));
  return [
    record.id,
    ...lines.map(([name, text]) => `  ${name.padEnd(12)}${oneLine(text)}`),
    ...(attempts.length > 0 ? ['', renderTable(attempts.map(describeAttempt))] : []),
    ...(body && reading.ok ? ['', reading.delivery.body] : []),
    ...(body && original?.ok ? ['', 'before it was edited:', original.delivery.body] : []),
    ...(mapped === undefined ? [] : ['', mapped]),
  ].join('\n');
}

function describeEdit({ who, reason, at, change }: EditNote): string {
  const places =
    change === 'body' ? 'the whole body' : change.map(({ op, path }) => `${op} ${path}`).join(', ');
  return `at ${time(at)} by ${who} (${reason}): ${places}`;
}

function describeDiscard({ who, reason }: DiscardNote): string {
  return `by ${who} (${reason}); for a day sluice dead-letters restore undoes it`;
}

function describeWhere(where: Whereabouts): string {
  switch (where.state) {
    case 'waiting':
    case 'active':
      return where.state;
    case 'delayed':
      return `delayed until ${time(where.until)}, at the latest`;
    case 'dead':
      return `dead since ${time(where.at)}`;
    case 'discarded':
      return `discarded at ${time(where.at)}`;
    case 'delivered':
      return `${describeSettled(where.settled)} at ${time(where.at)}`;
  }
}

function describeSettled(settled: Extract<Whereabouts, { state: 'delivered' }>['settled']): string {
  if ('eventId' in settled) {
    return `delivered as ${settled.eventId}${settled.reconciled ? ', found after a lost answer,' : ''}`;
  }
  return 'recorded' in settled ? 'recorded' : `done, and ${settled.removed} erased,`;
}

function describeDeath({
  reason,
  origin,
  detail: { message, issues = [] },
}: Extract<Whereabouts, { state: 'dead' }>['death']): (readonly [string, string])[] {
  return [
    ...(origin?.event === undefined ? [] : [['event', origin.event] as const]),
    ['died of', `${reason}: ${message}`],
    ...issues.map(({ path, message: wrong }) => ['', `${path}: ${wrong}`] as const),
    ['what to do', REMEDIES[reason]],
  ];
}

function describeAttempt({ at, ms, outcome, status, type, errorId, message }: AttemptNote): object {
  return {
    attempt: time(at),
    ms,
    outcome,
    status: status ?? null,
    type: type ?? null,
    'error id': errorId ?? null,
    message: oneLine(message),
  };
}

const time = (at: number): string => new Date(at).toISOString();
