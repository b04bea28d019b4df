import {
  type AttemptNote,
  type DeliveryRecord,
  type DiscardNote,
  type EditNote,
  REMEDIES,
  type Whereabouts,
} from '@sluice/queue';
import { formatTime, oneLine, renderTable } from './format.ts';

/** Parts that may contain personal data and are shown only on request. */
export interface ShownParts {
  readonly body: boolean;
  /** Result of the current mappers, as text. */
  readonly mapped?: string;
}

/** Renders the state, the attempts, the edits and the failure of a delivery. */
export function renderDelivery(record: DeliveryRecord, { body, mapped }: ShownParts): string {
  const { reading, where, attempts, began, replay, edits, original } = record;
  const lines: (readonly [string, string])[] = [['state', describeState(where)]];
  if (reading.ok) {
    const { connection, source, topic, receivedAt, occurredAt } = reading.delivery;
    lines.push(['connection', `${connection} (${source})`], ['topic', topic]);
    lines.push(['received', formatTime(receivedAt)]);
    if (occurredAt !== undefined) lines.push(['occurred', formatTime(occurredAt)]);
  } else lines.push(['topic', record.topic], ['unreadable', reading.why]);
  if (replay !== undefined) lines.push(['replayed', `by ${replay || 'hand'}`]);
  if (began !== undefined && where.state !== 'delivered')
    lines.push(['ambiguous', `the attempt at ${formatTime(began)} may have created an event`]);
  for (const edit of edits) lines.push(['edited', describeEdit(edit)]);
  if (where.state === 'discarded') lines.push(['discarded', describeDiscard(where.by)]);
  if (where.state === 'dead' || where.state === 'discarded') lines.push(...describeFailure(where.death));
  return [
    record.id,
    ...lines.map(([name, text]) => `  ${name.padEnd(12)}${oneLine(text)}`),
    ...(attempts.length > 0 ? ['', renderTable(attempts.map(toAttemptRow))] : []),
    ...(body && reading.ok ? ['', reading.delivery.body] : []),
    ...(body && original?.ok ? ['', 'Before the edit:', original.delivery.body] : []),
    ...(mapped === undefined ? [] : ['', mapped]),
  ].join('\n');
}

function describeEdit({ who, reason, at, change }: EditNote): string {
  const places =
    change === 'body' ? 'the whole body' : change.map(({ op, path }) => `${op} ${path}`).join(', ');
  return `at ${formatTime(at)} by ${who} (${reason}): ${places}`;
}

function describeDiscard({ who, reason }: DiscardNote): string {
  return `by ${who} (${reason}); sluice dead-letters restore undoes it for one day`;
}

function describeState(where: Whereabouts): string {
  switch (where.state) {
    case 'waiting':
    case 'active':
      return where.state;
    case 'delayed':
      return `delayed until ${formatTime(where.until)} at the latest`;
    case 'dead':
      return `dead since ${formatTime(where.at)}`;
    case 'discarded':
      return `discarded at ${formatTime(where.at)}`;
    case 'delivered':
      return `${describeEnd(where.settled)} at ${formatTime(where.at)}`;
  }
}

function describeEnd(settled: Extract<Whereabouts, { state: 'delivered' }>['settled']): string {
  if ('eventId' in settled) {
    return `delivered as ${settled.eventId}${settled.reconciled ? ' (found by reconciliation)' : ''}`;
  }
  return 'recorded' in settled ? 'recorded' : `erased (${settled.removed} removed)`;
}

function describeFailure({
  reason,
  origin,
  detail: { message, issues = [] },
}: Extract<Whereabouts, { state: 'dead' }>['death']): (readonly [string, string])[] {
  return [
    ...(origin?.event === undefined ? [] : [['event', origin.event] as const]),
    ['failure', `${reason}: ${message}`],
    ...issues.map((issue) => ['', `${issue.path}: ${issue.message}`] as const),
    ['fix', REMEDIES[reason]],
  ];
}

function toAttemptRow({ at, ms, outcome, status, type, errorId, message }: AttemptNote): object {
  return {
    attempt: formatTime(at),
    ms,
    outcome,
    status: status ?? null,
    type: type ?? null,
    'error id': errorId ?? null,
    message: oneLine(message),
  };
}
