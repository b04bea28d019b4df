import { type AttemptNote, type DeliveryRecord, REMEDIES, type Whereabouts } from '@sluice/queue';
import { oneLine } from './printed.ts';
import { renderTable } from './render-table.ts';

/** Lays out all that is known of a delivery; its body only if asked for, for it may name people. */
export function renderRecord(record: DeliveryRecord, { body }: { readonly body: boolean }): string {
  const { reading, where, attempts, began, replay } = record;
  const lines: (readonly [string, string])[] = [['state', describeWhere(where)]];
  if (reading.ok) {
    const { connection, source, topic, receivedAt, occurredAt } = reading.delivery;
    lines.push(['connection', `${connection} (${source})`], ['topic', topic], ['received', time(receivedAt)]);
    if (occurredAt !== undefined) lines.push(['occurred', time(occurredAt)]);
  } else lines.push(['topic', record.topic], ['unreadable', reading.why]);
  if (replay !== undefined) lines.push(['replayed', `by ${replay || 'hand'}, behind what is live`]);
  if (began !== undefined)
    lines.push(['in question', `an attempt of ${time(began)} may have created an event`]);
  if (where.state === 'dead') lines.push(...describeDeath(where.death));
  return [
    record.id,
    ...lines.map(([name, text]) => `  ${name.padEnd(12)}${oneLine(text)}`),
    ...(attempts.length > 0 ? ['', renderTable(attempts.map(describeAttempt))] : []),
    ...(body && reading.ok ? ['', reading.delivery.body] : []),
  ].join('\n');
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
  detail: { message, issues = [] },
}: Extract<Whereabouts, { state: 'dead' }>['death']): (readonly [string, string])[] {
  return [
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
