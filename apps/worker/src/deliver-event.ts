import type {
  ApiFacts,
  BotTarget,
  EventIds,
  EventLookup,
  EventSender,
  LookupResult,
  SendResult,
} from '@sluice/botpress';
import type { Connection } from '@sluice/config';
import { type BotpressEvent, type Delivery, type EventLink, leaveOutFullBody } from '@sluice/events';
import type { Tracing } from '@sluice/observability';
import type {
  ConnectionQueue,
  DeliveryOutcome,
  Permit,
  ReservedJob,
  Scheduler,
  WorkspaceWindow,
} from '@sluice/queue';
import type { Attempt } from './attempt.ts';
import type { CreatedEvents } from './created-events.ts';
import { type DecisionContext, decideOutcome } from './decide-outcome.ts';
import { decideAmbiguous, decideLookup } from './lookup-event.ts';
import type { ResultReporter } from './report-result.ts';
import { type LinkDependencies, sendLinked } from './send-linked.ts';
import type { SlowStart } from './slow-start.ts';
import { traceCall } from './tracing.ts';

/** A delivery whose event is mapped. */
export interface ReadyDelivery {
  readonly delivery: Delivery;
  readonly connection: Connection;
  readonly event: BotpressEvent;
  /** The payload field with the full body, if there is one. */
  readonly fullBody?: string;
  /** The records that the event is linked to; absent if its connection links no events. */
  readonly link?: EventLink;
}

export interface DeliverDependencies extends LinkDependencies {
  readonly scheduler: Pick<Scheduler, 'acquire'>;
  readonly slowStart: SlowStart;
  readonly reportResult: ResultReporter;
  readonly sender: Pick<EventSender, 'sendEvent'>;
  readonly lookup: Pick<EventLookup, 'findExistingEvent'>;
  /** Returns what a probe of the target's API showed; `undefined` without a probe. */
  readonly readFacts: (target: BotTarget) => Promise<ApiFacts | undefined>;
  /** Counts a lookup by its result. */
  readonly recordLookup: (result: LookupResult['kind']) => void;
  /** `undefined` while tracing is off. */
  readonly tracing?: Tracing | undefined;
  /** Returns the window of a bot's workspace. */
  readonly windowOf: (botId: string) => WorkspaceWindow | undefined;
  /** API URL of connections that configure none. */
  readonly apiUrl: string;
  /**
   * Milliseconds after the start of an attempt within which its event must be listed by Botpress. The delay of lists that
   * a probe showed is added.
   */
  readonly verifyAfterMs: number;
  /** Events that Botpress confirmed: a lookup checks that lists contain them. */
  readonly createdEvents: CreatedEvents;
  /** Milliseconds after a permit was requested within which the call may start: the lock is held that long. */
  readonly sendWithinMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Returns a number from 0 to 1. */
  readonly random: () => number;
}

export type DeliverEvent = (ready: ReadyDelivery, job: ReservedJob) => Promise<SendAttempt>;

/** The outcome of an attempt, with its permit if it got one. */
export type SendAttempt = Pick<Attempt, 'outcome' | 'permit'>;

/**
 * Returns the function that delivers an event: it acquires a permit and sends, or looks up an attempt in doubt first.
 * An event that is refused as too large is sent again without its full body: the limit of Botpress is not documented
 * for events, and may be lower than that of the connection.
 */
export function createDeliverEvent(dependencies: DeliverDependencies): DeliverEvent {
  return async (ready, job) => {
    const attempt = { ...ready, ...job, lane: connectionQueueOf(ready, dependencies.windowOf) };
    const sent = await deliver(dependencies, attempt);
    const isTooLarge = sent.outcome.kind === 'dead' && sent.outcome.reason === 'too_large';
    const smaller = isTooLarge ? leaveOutFullBody(ready.event, ready.fullBody) : undefined;
    return smaller ? deliver(dependencies, { ...attempt, event: smaller }) : sent;
  };
}

async function deliver(dependencies: DeliverDependencies, attempt: DeliveryAttempt): Promise<SendAttempt> {
  const result = await acquireAndSend(dependencies, attempt);
  return 'outcome' in result ? result : lookUpAndResend(dependencies, attempt, result);
}

type DeliveryAttempt = ReadyDelivery & ReservedJob & { readonly lane: ConnectionQueue };

type InDoubt = Permit & { readonly kind: 'in_doubt' };

/**
 * Acquires a permit and sends the event.
 *
 * @param absentSince start of the earlier attempt whose event was looked up and does not exist
 * @returns the outcome, or the scheduler's reply if an earlier attempt is in doubt
 */
async function acquireAndSend(
  dependencies: DeliverDependencies,
  attempt: DeliveryAttempt,
  absentSince?: number,
): Promise<SendAttempt | InDoubt> {
  const call = dependencies.slowStart.acquire(attempt.connection.id);
  let result: SendResult | undefined;
  try {
    const requestedAt = dependencies.now();
    const permit = await dependencies.scheduler.acquire({
      ...attempt.lane,
      deliveryId: attempt.delivery.id,
      lock: attempt.lock,
      ...('notBefore' in call ? call : {}),
      ...(absentSince === undefined ? {} : { absentSince }),
    });
    if (permit.kind === 'in_doubt') return permit;
    if (permit.kind !== 'granted') return { outcome: toOutcome(permit, attempt.lane) };
    const deadline = requestedAt + dependencies.sendWithinMs;
    result = await send(dependencies, attempt, permit, deadline);
    return { permit, outcome: decide(dependencies, attempt, result) };
  } finally {
    if ('end' in call) call.end(result);
  }
}

/** Maps a denied permit to an outcome. */
export function toOutcome(
  permit: Exclude<Permit, { kind: 'granted' | 'in_doubt' }>,
  lane: ConnectionQueue,
): DeliveryOutcome {
  switch (permit.kind) {
    case 'lost':
      return permit;
    case 'paced':
      return { kind: 'paced', until: permit.until, lane };
    case 'later':
      return { kind: 'paced', until: permit.until };
    case 'held':
      return { ...permit, lane };
  }
}

/** Looks up the event of an attempt whose answer was lost. Sends again only if it does not exist. */
async function lookUpAndResend(
  dependencies: DeliverDependencies,
  attempt: DeliveryAttempt,
  permit: InDoubt,
): Promise<SendAttempt> {
  const { startedAt, age } = permit;
  const { delivery, connection, event } = attempt;
  if (connection.retry.reconcile) {
    const target = toTarget(connection, dependencies.apiUrl);
    const facts = await dependencies.readFacts(target);
    const left = dependencies.verifyAfterMs + (facts?.listedAfter ?? 0) - age;
    const { earlierEvents } = permit;
    const sought = {
      ...{ type: event.type, deliveryId: delivery.id, startedAt, facts },
      mustBeListed: left > 0 ? undefined : findConfirmed(dependencies, { target, event, age, left }),
      ...(earlierEvents ? { except: earlierEvents } : {}),
    };
    const found = await traceCall(
      { tracing: dependencies.tracing, parent: attempt.trace },
      'listEvents',
      () => dependencies.lookup.findExistingEvent(target, sought),
    );
    dependencies.recordLookup(found.kind);
    await dependencies.reportResult.reportLookup({ connection, found });
    const decided = decideLookup(found, { ...contextOf(dependencies, attempt), left });
    if (decided) return { permit, outcome: decided };
  }
  const result = await acquireAndSend(dependencies, attempt, startedAt);
  // Another worker started an attempt during the lookup, and its result is unknown as well.
  if ('outcome' in result) return result;
  const until = dependencies.now() + dependencies.verifyAfterMs;
  return { permit: result, outcome: { kind: 'verifying', until } };
}

/** Half the time before an attempt that a lookup reads back: the other half is for differences between clocks. */
const BEFORE_ATTEMPT = 30_000;

/**
 * Returns the id of an event that Botpress confirmed and that must be listed by now: the first one from when the event of
 * the attempt existed if at all, else the last one before. While events are created, a list that is behind therefore
 * contains it sooner or later.
 *
 * @param age milliseconds since the attempt
 * @param left milliseconds until its event must be listed; not positive
 */
function findConfirmed(
  { createdEvents, now }: DeliverDependencies,
  { target, event, age, left }: { target: BotTarget; event: BotpressEvent; age: number; left: number },
): string | undefined {
  const startedAt = now() - age;
  const verifyAfter = age + left;
  const events = createdEvents.between(target, event.type, startedAt - BEFORE_ATTEMPT, now() - verifyAfter);
  return (events.find(({ at }) => at >= startedAt + verifyAfter) ?? events.at(-1))?.id;
}

async function send(
  dependencies: DeliverDependencies,
  { delivery, connection, event, fullBody, link, trace, lane }: DeliveryAttempt,
  { startedAt, isTripped }: Extract<Permit, { kind: 'granted' }>,
  deadline: number,
): Promise<SendResult> {
  const target = toTarget(connection, dependencies.apiUrl);
  const sendOnce = (ids?: EventIds) =>
    traceCall({ tracing: dependencies.tracing, parent: trace }, 'createEvent', () =>
      dependencies.sender.sendEvent(target, event, { deadline, ...(ids ? { ids } : {}) }),
    );
  const result = link
    ? await sendLinked(dependencies, { target, connection, link, send: sendOnce })
    : await sendOnce();
  if (result.kind === 'created') {
    dependencies.createdEvents.record(target, event.type, { id: result.eventId, at: dependencies.now() });
  }
  const { workspace } = lane.bot;
  const isResent =
    result.kind === 'refused' && result.refusal.status === 413 && !!leaveOutFullBody(event, fullBody);
  const call = { delivery, connection, result, startedAt, isTripped, isResent };
  await dependencies.reportResult.reportSent(workspace ? { ...call, workspace } : call);
  return result;
}

function decide(
  dependencies: DeliverDependencies,
  attempt: DeliveryAttempt,
  result: SendResult,
): DeliveryOutcome {
  const context = contextOf(dependencies, attempt);
  if (result.kind !== 'ambiguous') return decideOutcome(result, context);
  return decideAmbiguous(result.reason, { ...context, left: dependencies.verifyAfterMs });
}

function contextOf(
  { now, random }: DeliverDependencies,
  { connection, attemptsMade, lane }: DeliveryAttempt,
): DecisionContext {
  return { now: now(), random, budget: connection.retry.for, attemptsMade, lane };
}

function connectionQueueOf(
  { connection: { id, botpress, limits } }: ReadyDelivery,
  windowOf: DeliverDependencies['windowOf'],
): ConnectionQueue {
  const workspace = windowOf(botpress.botId);
  const bot = { id: botpress.botId, eventsPerMinute: limits.eventsPerMinute };
  return { connection: id, bot: workspace ? { ...bot, workspace } : bot, share: limits.share };
}

/** Returns what the Botpress clients need of a connection. */
export function toTarget(
  { botpress: { workspaceId: _, ...botpress } }: Connection,
  apiUrl: string,
): BotTarget {
  return { ...botpress, apiUrl: botpress.apiUrl ?? apiUrl, token: botpress.token.reveal() };
}
