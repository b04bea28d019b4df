import type { BotTarget, EventStatus, EventStatuses, FailedRead } from '@sluice/botpress';
import type { AwaitingEvent, FinalStatus, Recorded, StatusIndex, StatusReport } from '@sluice/queue';

/** A bot, as an integration sees it, and the connections that send to it. */
export interface SweepTarget {
  readonly target: BotTarget;
  readonly connections: readonly string[];
}

export interface TargetSweep {
  readonly index: StatusIndex;
  readonly statuses: Pick<EventStatuses, 'list' | 'get'>;
  /** Resolves when a read may start: reads share the limits of the workspace with events. */
  readonly acquireCall: (target: BotTarget) => Promise<void>;
  /** Whether another call may start: not after a stop, nor if another process sweeps. */
  readonly mayContinue: () => Promise<boolean>;
  /** Milliseconds since the epoch by Redis' clock. */
  readonly now: number;
  /** Age in milliseconds at which an event is looked up for the first time. */
  readonly firstLook: number;
  /** Whether an event that listEvents no longer covers is read now, by its id. */
  readonly isDue: (eventId: string) => boolean;
  readonly onCall: (operation: 'list' | 'get', result: 'ok' | 'failed') => void;
  readonly onRecorded: (connection: string, report: StatusReport, recorded: Recorded) => void;
}

/** The result of a sweep over the events of a target. */
export interface TargetResult {
  /** Events whose final status was recorded. */
  readonly recorded: number;
  /** Events that were read by their id and have no final status. */
  readonly stillOpen: readonly string[];
  /** The call that failed; the sweep ended with it. */
  readonly failed?: FailedRead;
}

/** Events this young are read from lists: one call covers up to 100. Older ones are read one by one. */
const LISTED_FOR = 10 * 60_000;

/** Milliseconds that Botpress' clock may lag behind that of Redis. */
const CLOCK_TOLERANCE = 60_000;

/** Most events of a connection, most pages and most reads by id in one sweep of a target. */
const MAX_EVENTS = 5_000;
const MAX_PAGES = 100;
const MAX_READS = 20;

type OpenEvent = AwaitingEvent & { readonly connection: string };

/** Looks up the statuses of a target's awaiting events, with a bounded number of calls. Rejects if Redis fails. */
export async function sweepTarget(
  { target, connections }: SweepTarget,
  sweep: TargetSweep,
): Promise<TargetResult> {
  const { now } = sweep;
  const young = await readOpen(sweep, connections, { from: now - LISTED_FOR, to: now, limit: MAX_EVENTS });
  const listed = await listStatuses(target, young, sweep);
  if (listed.failed) return { ...listed, stillOpen: [] };
  const limit = MAX_EVENTS / 10;
  const old = await readOpen(sweep, connections, { from: 0, to: now - LISTED_FOR - 1, limit });
  const single = await readStatuses(target, [...old.values()], sweep);
  return { ...single, recorded: listed.recorded + single.recorded };
}

async function readOpen(
  { index }: TargetSweep,
  connections: readonly string[],
  period: Parameters<StatusIndex['events']>[1],
): Promise<ReadonlyMap<string, OpenEvent>> {
  const open = new Map<string, OpenEvent>();
  for (const connection of connections) {
    const events = await index.events(connection, period);
    for (const event of events) open.set(event.eventId, { ...event, connection });
  }
  return open;
}

/**
 * Reads lists, newest first, back to the oldest event. Each page is recorded before the next one is read. Events are
 * identified by their id alone. An event that is not listed stays open: listings may be delayed.
 */
async function listStatuses(
  target: BotTarget,
  open: ReadonlyMap<string, OpenEvent>,
  sweep: TargetSweep,
): Promise<Pick<TargetResult, 'recorded' | 'failed'>> {
  const sought = new Set(
    [...open.values()].filter(({ createdAt }) => createdAt <= sweep.now - sweep.firstLook).map(idOf),
  );
  const oldest = Math.min(...[...open.values()].map(({ createdAt }) => createdAt));
  let recorded = 0;
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES && sought.size > 0 && (await sweep.mayContinue()); page++) {
    await sweep.acquireCall(target);
    const read = await sweep.statuses.list(target, nextToken);
    sweep.onCall('list', read.kind === 'page' ? 'ok' : 'failed');
    if (read.kind !== 'page') return { recorded, failed: read };
    const found = read.events.flatMap((status) => {
      const event = open.get(status.id);
      return event ? [{ event, status }] : [];
    });
    for (const { event } of found) sought.delete(event.eventId);
    recorded += await record(found, sweep);
    nextToken = read.nextToken;
    const last = read.events.at(-1);
    if (nextToken === undefined || (last && last.createdAt < oldest - CLOCK_TOLERANCE)) break;
  }
  return { recorded };
}

const idOf = ({ eventId }: OpenEvent): string => eventId;

/** Reads events by their id. */
async function readStatuses(
  target: BotTarget,
  open: readonly OpenEvent[],
  sweep: TargetSweep,
): Promise<TargetResult> {
  const stillOpen: string[] = [];
  let recorded = 0;
  for (const event of open.filter(({ eventId }) => sweep.isDue(eventId)).slice(0, MAX_READS)) {
    if (!(await sweep.mayContinue())) break;
    await sweep.acquireCall(target);
    const read = await sweep.statuses.get(target, event.eventId);
    // A 404 is an answer: the event may still appear, or its status stays unknown.
    const isMissing = read.kind === 'refused' && read.refusal.status === 404;
    sweep.onCall('get', read.kind === 'event' || isMissing ? 'ok' : 'failed');
    if (read.kind !== 'event' && !isMissing) return { recorded, stillOpen, failed: read };
    const wasRecorded = read.kind === 'event' ? await record([{ event, status: read.event }], sweep) : 0;
    recorded += wasRecorded;
    if (wasRecorded === 0) stillOpen.push(event.eventId);
  }
  return { recorded, stillOpen };
}

interface FoundStatus {
  readonly event: OpenEvent;
  readonly status: EventStatus;
}

/** Records the final statuses. Returns how many there were. */
async function record(found: readonly FoundStatus[], sweep: TargetSweep): Promise<number> {
  const byConnection = new Map<string, StatusReport[]>();
  for (const { event, status } of found) {
    const report = toReport(event, status);
    if (!report) continue;
    const reports = byConnection.get(event.connection) ?? [];
    reports.push(report);
    byConnection.set(event.connection, reports);
  }
  let count = 0;
  for (const [connection, reports] of byConnection) {
    const results = await sweep.index.record(connection, reports);
    for (const [position, report] of reports.entries()) {
      sweep.onRecorded(connection, report, results[position] ?? 'known');
    }
    count += reports.length;
  }
  return count;
}

/** Most characters of a failure reason; Botpress permits 2,000. */
const MAX_MESSAGE = 500;

/** Returns `undefined` for a status that is not final, or not documented. */
function toReport(
  { eventId, deliveryId, createdAt }: OpenEvent,
  { status, name, failureReason }: EventStatus,
): StatusReport | undefined {
  const final = FINAL[status];
  if (!final) return undefined;
  const message = (failureReason ?? final.message).slice(0, MAX_MESSAGE);
  return { eventId, deliveryId, createdAt, status: final.status, message, event: name };
}

/** Documented final statuses, and what is known of them without a failure reason. */
const FINAL: Readonly<Record<string, { readonly status: FinalStatus; readonly message: string }>> = {
  processed: { status: 'processed', message: '' },
  failed: { status: 'failed', message: 'The bot failed, and Botpress reports no reason.' },
  ignored: { status: 'ignored', message: 'The bot ignored the event, and Botpress reports no reason.' },
  canceled: { status: 'ignored', message: 'The event was canceled in Botpress.' },
};
