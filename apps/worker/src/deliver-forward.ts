import type { ForwardResult, WebhookForwarder } from '@sluice/botpress';
import type { Connection, ForwardTarget } from '@sluice/config';
import { type Delivery, findCompliance, restoreForward } from '@sluice/events';
import type { Logger, Tracing } from '@sluice/observability';
import type { ConnectionQueue, DeliveryOutcome, Permit, ReservedJob, Scheduler } from '@sluice/queue';
import { retry } from './decide-outcome.ts';
import { type SendAttempt, toOutcome } from './deliver-event.ts';
import type { SlowStart } from './slow-start.ts';
import { traceCall } from './tracing.ts';

/** Stands for the event of a forward in logs, metrics and dead letters. */
export const FORWARD_EVENT = 'forward';

/** A webhook to forward, and the connection of its forwards. */
export interface ReadyForward {
  readonly delivery: Delivery;
  readonly connection: Connection;
}

export interface ForwardDependencies {
  readonly scheduler: Pick<
    Scheduler,
    'acquire' | 'clearAttempt' | 'pauseBot' | 'recordFailure' | 'recordSuccess'
  >;
  readonly slowStart: SlowStart;
  readonly forwarder: Pick<WebhookForwarder, 'forward'>;
  readonly logger: Logger;
  /** `undefined` while tracing is off. */
  readonly tracing?: Tracing | undefined;
  /** Milliseconds after a permit was requested within which the request may start: the lock is held that long. */
  readonly sendWithinMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Returns a number from 0 to 1. */
  readonly random: () => number;
}

export type DeliverForward = (ready: ReadyForward, job: ReservedJob) => Promise<SendAttempt>;

/**
 * Returns the function that forwards a webhook: it acquires a permit from the queue of the forwards, and posts the
 * webhook to its receiver.
 *
 * An attempt with a lost answer is repeated without a lookup. Webhooks are at-least-once and their receivers
 * deduplicate, so a forward may arrive twice; an event may not.
 */
export function createDeliverForward(dependencies: ForwardDependencies): DeliverForward {
  return async (ready, job) => {
    const { connection } = ready;
    const call = dependencies.slowStart.acquire(connection.id);
    const notBefore = 'notBefore' in call ? call : {};
    let result: ForwardResult | undefined;
    try {
      const requestedAt = dependencies.now();
      const permit = await acquire(dependencies, ready, job, notBefore);
      if (permit.kind === 'in_doubt')
        return { permit, outcome: { kind: 'paced', until: requestedAt + RACE } };
      if (permit.kind !== 'granted') return { outcome: toOutcome(permit, laneOf(connection)) };
      result = await forward(dependencies, ready, job, requestedAt + dependencies.sendWithinMs);
      await report(dependencies, ready, permit, result);
      return { permit, outcome: decide(dependencies, ready, job, result) };
    } finally {
      if ('end' in call) call.end(result);
    }
  };
}

/** Milliseconds until the next attempt, if another worker started one between the two requests for a permit. */
const RACE = 1_000;

/** Acquires a permit. The start of an earlier attempt with a lost answer is cleared. */
async function acquire(
  { scheduler }: ForwardDependencies,
  { delivery, connection }: ReadyForward,
  { lock }: ReservedJob,
  notBefore: { readonly notBefore?: number },
): Promise<Permit> {
  const request = { ...laneOf(connection), deliveryId: delivery.id, lock, ...notBefore };
  const permit = await scheduler.acquire(request);
  if (permit.kind !== 'in_doubt') return permit;
  return scheduler.acquire({ ...request, absentSince: permit.startedAt });
}

/** Forwards count against their own limit, not against the bot's. */
function laneOf({ id, limits }: Connection): ConnectionQueue {
  return { connection: id, bot: { id, eventsPerMinute: limits.eventsPerMinute }, share: 1 };
}

function forward(
  { forwarder, tracing }: ForwardDependencies,
  { delivery, connection }: ReadyForward,
  { trace }: ReservedJob,
  deadline: number,
): Promise<ForwardResult> {
  // prepareEvent returns forwards only for connections that are derived from this setting.
  const { url, secret, allowPrivate } = connection.forward as ForwardTarget;
  const request = restoreForward(delivery, secret.reveal());
  return traceCall({ tracing, parent: trace }, 'forward', () =>
    forwarder.forward({ url: url.reveal(), allowPrivate }, request, { deadline }),
  );
}

/** Rejected forwards in a row that open the circuit. */
const REJECTION_LIMIT = 20;

/** Reports a result to the scheduler. */
async function report(
  { scheduler, logger }: ForwardDependencies,
  { delivery, connection: { id } }: ReadyForward,
  { startedAt, isTripped }: Extract<Permit, { kind: 'granted' }>,
  result: ForwardResult,
): Promise<void> {
  if (result.kind === 'ambiguous') return;
  if (result.kind === 'forwarded') {
    if (isTripped && (await scheduler.recordSuccess(id))) {
      logger.info({ connection: id }, 'connection.circuit_closed');
    }
    return;
  }
  await scheduler.clearAttempt(delivery.id, startedAt);
  if (result.kind === 'not_sent') return;
  const { status, retryAfter } = result.refusal;
  if (status === 429) return scheduler.pauseBot(id, retryAfter);
  if (isTemporary(status)) return;
  const failure = { kind: 'event', reason: `${status} from the receiver`, limit: REJECTION_LIMIT } as const;
  const { held, now } = await scheduler.recordFailure(id, failure);
  if (held && now) logger.error({ connection: id, reason: failure.reason }, 'connection.circuit_opened');
}

function decide(
  { now, random }: ForwardDependencies,
  { delivery, connection }: ReadyForward,
  { attemptsMade }: ReservedJob,
  result: ForwardResult,
): DeliveryOutcome {
  const context = { attemptsMade, budget: connection.retry.for, random, now: now() };
  switch (result.kind) {
    case 'forwarded': {
      // The body of an erasure request names a person, and erasures do not remove each other.
      const remove = findCompliance(connection.source, delivery.topic)?.concerns !== undefined;
      return { kind: 'forwarded', status: result.status, ...(remove ? { remove } : {}) };
    }
    case 'not_sent':
      return retry(context, 'not_sent', `not sent: ${result.reason}`, {});
    case 'ambiguous':
      return retry(context, 'answer_lost', `ambiguous: ${result.reason}`, {});
    case 'refused': {
      const { status, message, retryAfter } = result.refusal;
      if (isTemporary(status)) {
        return retry({ ...context, retryAfter }, 'refused', `${status} from the receiver`, { status });
      }
      return { kind: 'dead', reason: 'forward_rejected', detail: { message, status } };
    }
  }
}

/** Whether a receiver that returned this status may accept the webhook later: 408, 425, 429 or 5xx. */
function isTemporary(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}
