import { type BotTarget, callerKey, type EventStatuses, type FailedRead } from '@sluice/botpress';
import type { Connections } from '@sluice/config';
import type { AwaitingConnection, StatusIndex, SweepStatuses } from '@sluice/queue';
import { toTarget } from '../deliver-event.ts';
import type { StatusReporter } from './report-status.ts';
import { type SweepTarget, sweepTarget, type TargetResult } from './sweep-target.ts';

export interface StatusSweepDependencies {
  readonly connections: () => Connections;
  /** API URL of connections that configure none. */
  readonly apiUrl: string;
  readonly statuses: Pick<EventStatuses, 'list' | 'get'>;
  /** If false, nothing is looked up; events that are too old are still dropped. */
  readonly isEnabled: boolean;
  /** Resolves when a read may start: reads share the limits of the workspace with events. */
  readonly acquireCall: (target: BotTarget) => Promise<void>;
  readonly report: StatusReporter;
  /** Milliseconds between two sweeps of a target that made progress. */
  readonly interval: number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/** Without progress the interval doubles up to this many times itself, after failures up to this many milliseconds. */
const LONGEST_INTERVAL = 8;
const LONGEST_BACKOFF = 10 * 60_000;
const FIRST_BACKOFF = 30_000;

/** Targets that are swept at once: one that does not respond must not block the others. */
const AT_ONCE = 4;

/** Milliseconds between two renewals of the lease during a sweep. */
const RENEW_EVERY = 10_000;

/** Events that were read by their id, with the times of their reads; the oldest are forgotten first. */
const MAX_REMEMBERED = 50_000;

/** When a target is swept next. Times are by Redis' clock. */
interface Schedule {
  nextAt: number;
  wait: number;
  failures: number;
}

/** What the sweeping process remembers of a shard. A process that takes over starts without it. */
interface Memory {
  readonly schedules: Map<string, Schedule>;
  /** By event id: when it is read again by its id. The time between two reads doubles. */
  readonly reads: Map<string, { readonly nextAt: number; readonly wait: number }>;
}

/**
 * Returns the sweep over the awaiting events of a shard. Each target is read at growing intervals, in the order of its
 * last sweep.
 */
export function createStatusSweep(dependencies: StatusSweepDependencies): SweepStatuses {
  const memories = new WeakMap<StatusIndex, Memory>();
  const { connections, report, interval, statuses, now: monotonic } = dependencies;
  const firstLook = interval / 3;
  return async (index, { signal, keepLease }) => {
    const configured = connections();
    const startedAt = monotonic();
    const { now, awaiting } = await index.read(configured.all().map(({ id }) => id));
    for (const one of awaiting) if (one.dropped > 0) report.recordUnknown(one.connection, one.dropped);
    if (!dependencies.isEnabled) return;
    const memory = memories.get(index) ?? { schedules: new Map(), reads: new Map() };
    memories.set(index, memory);
    const due = selectDue(
      groupByTarget(awaiting, configured, dependencies.apiUrl),
      memory,
      now - firstLook,
      now,
    );
    let renewedAt = startedAt;
    let hasLease = true;
    const mayContinue = async () => {
      if (signal.aborted || !hasLease) return false;
      if (monotonic() - renewedAt > RENEW_EVERY) {
        renewedAt = monotonic();
        hasLease = await keepLease();
      }
      return hasLease;
    };
    await forEachAtOnce(due, async (target) => {
      if (!(await mayContinue())) return;
      const result = await sweepTarget(target, {
        ...{ index, statuses, mayContinue, now, firstLook },
        acquireCall: dependencies.acquireCall,
        isDue: (eventId) => (memory.reads.get(eventId)?.nextAt ?? 0) <= now,
        onCall: report.recordCall,
        onRecorded: (connection, status, recorded) =>
          report.recordStatus(connection, status, recorded, now + monotonic() - startedAt),
      });
      plan(memory, target, result, { now: now + monotonic() - startedAt, interval });
      if (result.failed) reportFailure(dependencies, memory, target, result.failed);
    });
  };
}

type Target = SweepTarget & { readonly key: string; readonly oldest: number };

/** Groups the awaiting connections that are configured by the target that they send to. */
function groupByTarget(
  awaiting: readonly AwaitingConnection[],
  connections: Connections,
  apiUrl: string,
): readonly Target[] {
  const targets = new Map<string, Target>();
  for (const { connection: id, count, oldest } of awaiting) {
    const connection = connections.get(id);
    if (!connection || count === 0) continue;
    const target = toTarget(connection, apiUrl);
    // Connections of one bot may have different tokens, and any of them reads its events.
    const key = callerKey(target);
    const known = targets.get(key);
    targets.set(key, {
      key,
      target: known?.target ?? target,
      connections: [...(known?.connections ?? []), id],
      oldest: Math.min(oldest, known?.oldest ?? oldest),
    });
  }
  return [...targets.values()];
}

/** Returns the targets with events old enough for a look, the longest waiting first. Forgets those without events. */
function selectDue(
  targets: readonly Target[],
  { schedules }: Memory,
  lookedUpBefore: number,
  now: number,
): readonly Target[] {
  const keys = new Set(targets.map(({ key }) => key));
  for (const key of schedules.keys()) if (!keys.has(key)) schedules.delete(key);
  const nextAt = ({ key }: Target) => schedules.get(key)?.nextAt ?? 0;
  return targets
    .filter((target) => target.oldest <= lookedUpBefore && nextAt(target) <= now)
    .sort((one, other) => nextAt(one) - nextAt(other) || one.oldest - other.oldest);
}

/** Plans the next sweep of a target, and the next reads of its events. */
function plan(
  { schedules, reads }: Memory,
  { key }: Target,
  { recorded, stillOpen, failed }: TargetResult,
  { now, interval }: { readonly now: number; readonly interval: number },
): void {
  const { wait = interval, failures = 0 } = schedules.get(key) ?? {};
  const longest = LONGEST_INTERVAL * interval;
  if (failed) {
    const backoff = Math.min(FIRST_BACKOFF * 2 ** failures, LONGEST_BACKOFF);
    const asked = failed.kind === 'refused' ? (failed.refusal.retryAfter ?? 0) : 0;
    schedules.set(key, { nextAt: now + Math.max(backoff, asked), wait, failures: failures + 1 });
  } else {
    const next = recorded > 0 ? interval : Math.min(2 * wait, longest);
    schedules.set(key, { nextAt: now + next, wait: next, failures: 0 });
  }
  for (const eventId of stillOpen) {
    const doubled = 2 * (reads.get(eventId)?.wait ?? longest / 2);
    reads.delete(eventId);
    reads.set(eventId, { nextAt: now + doubled, wait: doubled });
  }
  for (const eventId of reads.keys()) {
    if (reads.size <= MAX_REMEMBERED) break;
    reads.delete(eventId);
  }
}

/** Reports the first failure of a series. */
function reportFailure(
  { report }: StatusSweepDependencies,
  { schedules }: Memory,
  { key, target, connections }: Target,
  failed: FailedRead,
): void {
  const schedule = schedules.get(key);
  if (schedule?.failures !== 1) return;
  const reason =
    failed.kind === 'refused' ? `${failed.refusal.status} ${failed.refusal.type}` : failed.reason;
  report.reportFailedRead({ bot: target.botId, connections, reason });
}

async function forEachAtOnce<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
