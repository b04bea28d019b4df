import { type PrepareResult, prepareEvent } from '@sluice/events';
import {
  type AttemptNote,
  createDeliveries,
  type DeliveryRecord,
  type FoundDelivery,
  type PayloadTerm,
  remedyOf,
  type Whereabouts,
} from '@sluice/queue';
import type { Command } from 'commander';
import { REDIS_HELP, withRedis } from '../client/redis.ts';
import type { CliContext, End } from '../context.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { CONNECTIONS_OPTION, loadConnectionsFile } from '../options/files.ts';
import { parseCount, parseTerms } from '../options/parsers.ts';
import { formatTime, oneLine, renderTable } from '../render/format.ts';

interface ShowOptions {
  readonly body?: true;
  readonly mapped?: true;
  readonly connections?: string;
  readonly json?: true;
}

interface FindOptions {
  readonly limit: number;
  readonly json?: true;
}

/** Adds `show`, for `deliveries` and `dead-letters`. */
export function showCommand(parent: Command, context: CliContext, end: End): void {
  parent
    .command('show')
    .description('Show the state, attempts, failure and fix of a delivery')
    .argument('<id>', 'delivery (dlv_…)')
    .option('--body', 'body of the webhook, which may contain personal data')
    .option('--mapped', 'event of the current mapper, which may contain personal data')
    .option(...CONNECTIONS_OPTION)
    .option('--json', 'JSON output')
    .addHelpText('after', REDIS_HELP)
    .action(async (id: string, options: ShowOptions) => end(await show(id, options, context)));
}

async function show(id: string, options: ShowOptions, { out, err }: CliContext): Promise<ExitCode> {
  const record = await withRedis(createDeliveries, (deliveries) => deliveries.read(id));
  if (!record) {
    err(`error: No delivery ${id}. Of delivered ones, only the newest are kept (SLUICE_KEEP_DELIVERED).`);
    return EXIT.failed;
  }
  const body = options.body ?? false;
  const mapped = options.mapped ? await map(record, options.connections) : undefined;
  if (options.json) {
    const shown = body ? record : withoutBodies(record);
    out(JSON.stringify(mapped ? { ...shown, mapped } : shown, null, 2));
  } else out(renderDelivery(record, { body, ...(mapped ? { mapped: renderMapped(mapped) } : {}) }));
  return EXIT.ok;
}

async function map({ reading }: DeliveryRecord, path: string | undefined): Promise<PrepareResult> {
  const { connections } = await loadConnectionsFile(path);
  if (!reading.ok) return { kind: 'dead', reason: 'invalid_input', message: reading.why };
  return prepareEvent(connections.get(reading.delivery.connection), reading.delivery);
}

function renderMapped(mapped: PrepareResult): string {
  switch (mapped.kind) {
    case 'ready':
      return [
        `Event of the current mapper:\n${JSON.stringify(mapped.event, null, 2)}`,
        ...(mapped.link ? [`Linked by:\n${JSON.stringify(mapped.link, null, 2)}`] : []),
      ].join('\n');
    case 'compliance':
      return 'Compliance request without an event.';
    case 'forward':
      return 'Forward of the webhook, without an event.';
    case 'dead':
      return [
        `Failure with the current mapper: ${mapped.reason}: ${oneLine(mapped.message)}`,
        ...(mapped.issues ?? []).map(({ path, message }) => `  ${path}: ${oneLine(message)}`),
      ].join('\n');
  }
}

/** Also removes patches, which contain values. */
function withoutBodies({ reading, original: _, edits, ...rest }: DeliveryRecord): object {
  return {
    ...rest,
    edits: edits.map(({ who, reason, at }) => ({ who, reason, at })),
    reading: reading.ok ? { ok: true, delivery: { ...reading.delivery, body: undefined } } : reading,
  };
}

/** Adds `deliveries find`. */
export function deliveriesFindCommand(parent: Command, context: CliContext, end: End): void {
  parent
    .command('find')
    .description('Find deliveries by payload values, the newest first')
    .argument(
      '<name=value...>',
      'payload values, for example order_id=1042 or customer.id=…; all must match',
      parseTerms,
    )
    .option('--limit <count>', 'maximum deliveries', parseCount, 20)
    .option('--json', 'JSON output')
    .addHelpText(
      'after',
      '\nA name is defined by the source (order_id, shop, email, chat), or is a path in the body, or any property.' +
        '\nSearches all stored deliveries: 100,000 dead letters take 1 s, as many waiting deliveries 25 s.' +
        `\nExits with 1 without a match.${REDIS_HELP}`,
    )
    .action(async (terms: readonly PayloadTerm[], options: FindOptions) =>
      end(await find(terms, options, context)),
    );
}

async function find(
  terms: readonly PayloadTerm[],
  { limit, json }: FindOptions,
  { out, err }: CliContext,
): Promise<ExitCode> {
  const found = await withRedis(createDeliveries, (deliveries) => deliveries.find(terms, { limit }));
  if (json) out(JSON.stringify({ deliveries: found }, null, 2));
  else if (found.length > 0) out(renderTable(found.map(toRow)));
  if (found.length > 0) return EXIT.ok;
  const wanted = terms.map(({ name, value }) => `${name}=${value}`).join(' ');
  err(`No delivery with ${wanted}. Of delivered ones, only the newest are kept (SLUICE_KEEP_DELIVERED).`);
  return EXIT.failed;
}

function toRow({ id, connection, topic, state, at, eventId, reason }: FoundDelivery): object {
  return {
    id,
    connection,
    topic,
    state,
    since: formatTime(at),
    event: eventId ?? null,
    reason: reason ?? null,
  };
}

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

function describeEdit({ who, reason, at, change }: DeliveryRecord['edits'][number]): string {
  const places =
    change === 'body' ? 'the whole body' : change.map(({ op, path }) => `${op} ${path}`).join(', ');
  return `at ${formatTime(at)} by ${who} (${reason}): ${places}`;
}

function describeDiscard({ who, reason }: Extract<Whereabouts, { state: 'discarded' }>['by']): string {
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
  if ('forwarded' in settled) return `forwarded (${settled.forwarded})`;
  return 'recorded' in settled ? 'recorded' : `erased (${settled.removed} removed)`;
}

function describeFailure(
  death: Extract<Whereabouts, { state: 'dead' }>['death'],
): (readonly [string, string])[] {
  const {
    reason,
    origin,
    detail: { message, issues = [], eventId },
  } = death;
  return [
    ...(origin?.event === undefined ? [] : [['event', origin.event] as const]),
    ['failure', `${reason}: ${message}`],
    ...issues.map((issue) => ['', `${issue.path}: ${issue.message}`] as const),
    ...(eventId === undefined ? [] : [['event id', eventId] as const]),
    ['fix', remedyOf(death)],
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
