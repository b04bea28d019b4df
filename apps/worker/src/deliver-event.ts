import type { BotTarget, EventFinder, EventSender, FindResult, SendResult } from '@sluice/botpress';
import type { Connection } from '@sluice/config';
import type { BotpressEvent, Delivery } from '@sluice/events';
import type { Tracing } from '@sluice/observability';
import type { ConnectionQueue, DeliveryOutcome, Permit, ReservedJob, Scheduler } from '@sluice/queue';
import { type DecisionContext, decideOutcome } from './decide-outcome.ts';
import { decideAmbiguous, decideLookup } from './lookup-event.ts';
import type { ResultReporter } from './report-result.ts';
import type { SlowStart } from './slow-start.ts';
import { traceCall } from './tracing.ts';

/** A delivery whose event is made. */
export interface Ready {
  readonly delivery: Delivery;
  readonly connection: Connection;
  readonly event: BotpressEvent;
}

export interface DeliverDependencies {
  readonly scheduler: Pick<Scheduler, 'acquire'>;
  readonly slowStart: SlowStart;
  readonly reportResult: ResultReporter;
  readonly sender: Pick<EventSender, 'sendEvent'>;
  readonly finder: Pick<EventFinder, 'findEvent'>;
  /** Counts a look for an event, by what it came to. */
  readonly recordLookup: (result: FindResult['kind']) => void;
  /** There only if it is on. */
  readonly tracing?: Tracing | undefined;
  /** Of connections that name none of their own. */
  readonly apiUrl: string;
  /** Milliseconds after an attempt began in which its event must show in listEvents. */
  readonly verifyAfterMs: number;
  /** Milliseconds after a turn was asked for in which the call may still begin: the lock is ours that long. */
  readonly sendWithinMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

export type DeliverEvent = (ready: Ready, taken: ReservedJob) => Promise<DeliveryOutcome>;

/** Makes what brings an event to its bot: await the turn, send; but look first after a lost answer. */
export function createDeliverEvent(delivering: DeliverDependencies): DeliverEvent {
  return async (ready, taken) => {
    const deliverable = { ...ready, ...taken, lane: laneOf(ready) };
    const ended = await deliver(delivering, deliverable);
    return ended.kind === 'in_doubt' ? reconcile(delivering, deliverable, ended) : ended;
  };
}

type Deliverable = Ready & ReservedJob & { readonly lane: ConnectionQueue };

/** Awaits the turn and sends. Returns what the gate said if an earlier attempt is to be looked up first. */
async function deliver(
  delivering: DeliverDependencies,
  ready: Deliverable,
  absentSince?: number,
): Promise<DeliveryOutcome | InDoubt> {
  const admission = delivering.slowStart.acquire(ready.connection.id);
  let called: SendResult | undefined;
  try {
    const asked = delivering.now();
    const turn = await delivering.scheduler.acquire({
      ...ready.lane,
      deliveryId: ready.delivery.id,
      lock: ready.lock,
      ...('notBefore' in admission ? admission : {}),
      ...(absentSince === undefined ? {} : { absentSince }),
    });
    if (turn.kind !== 'granted') return waitAs(turn, ready.lane);
    const deadline = asked + delivering.sendWithinMs;
    called = await send(delivering, ready, turn, deadline);
    return decide(delivering, ready, called);
  } finally {
    if ('end' in admission) admission.end(called);
  }
}

type InDoubt = Permit & { readonly kind: 'in_doubt' };

/** Whose turn it is not waits. */
function waitAs(
  turn: Exclude<Permit, { kind: 'granted' }>,
  lane: ConnectionQueue,
): DeliveryOutcome | InDoubt {
  switch (turn.kind) {
    case 'lost':
    case 'in_doubt':
      return turn;
    case 'paced':
      return { kind: 'paced', until: turn.until, lane };
    case 'later':
      return { kind: 'paced', until: turn.until };
    case 'held':
      return { kind: 'held', until: turn.until, reason: turn.reason, lane };
  }
}

/** Looks for the event of an attempt whose answer was lost. Only one that is not there is sent again. */
async function reconcile(
  delivering: DeliverDependencies,
  ready: Deliverable,
  { startedAt, age }: InDoubt,
): Promise<DeliveryOutcome> {
  const { delivery, connection, event } = ready;
  if (connection.retry.reconcile) {
    const target = toTarget(connection, delivering.apiUrl);
    const sought = { type: event.type, deliveryId: delivery.id, startedAt };
    const found = await traceCall({ tracing: delivering.tracing, parent: ready.trace }, 'listEvents', () =>
      delivering.finder.findEvent(target, sought),
    );
    delivering.recordLookup(found.kind);
    await delivering.reportResult.reportLookup({ connection, found });
    const left = delivering.verifyAfterMs - age;
    const decided = decideLookup(found, { ...contextOf(delivering, ready), left });
    if (decided) return decided;
  }
  const ended = await deliver(delivering, ready, startedAt);
  // Somebody else began while this one looked, and what came of that is not known either.
  if (ended.kind === 'in_doubt')
    return { kind: 'verifying', until: delivering.now() + delivering.verifyAfterMs };
  return ended;
}

async function send(
  delivering: DeliverDependencies,
  { delivery, connection, event, trace }: Deliverable,
  { startedAt, isTripped }: Extract<Permit, { kind: 'granted' }>,
  deadline: number,
): Promise<SendResult> {
  const target = toTarget(connection, delivering.apiUrl);
  const result = await traceCall({ tracing: delivering.tracing, parent: trace }, 'createEvent', () =>
    delivering.sender.sendEvent(target, event, { deadline }),
  );
  await delivering.reportResult.reportSent({ delivery, connection, result, startedAt, isTripped });
  return result;
}

function decide(delivering: DeliverDependencies, ready: Deliverable, result: SendResult): DeliveryOutcome {
  const context = contextOf(delivering, ready);
  if (result.kind !== 'ambiguous') return decideOutcome(result, context);
  return decideAmbiguous(result.why, { ...context, left: delivering.verifyAfterMs });
}

function contextOf(
  { now, random }: DeliverDependencies,
  { connection, attemptsMade, lane }: Deliverable,
): DecisionContext {
  return { now: now(), random, budget: connection.retry.for, attemptsMade, lane };
}

function laneOf({ connection: { id, botpress, limits } }: Ready): ConnectionQueue {
  const bot = { id: botpress.botId, eventsPerMinute: limits.eventsPerMinute };
  return { connection: id, bot, share: limits.share };
}

function toTarget({ botpress }: Connection, apiUrl: string): BotTarget {
  return { ...botpress, apiUrl: botpress.apiUrl ?? apiUrl, token: botpress.token.reveal() };
}
