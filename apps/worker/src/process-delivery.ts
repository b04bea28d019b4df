import type { Connection, Connections } from '@sluice/config';
import {
  type BotpressEvent,
  type ComplianceDefinition,
  type Delivery,
  type EventLink,
  prepareEvent,
} from '@sluice/events';
import type { DeliveryOutcome, ReservedJob } from '@sluice/queue';
import type { Attempt } from './attempt.ts';
import type { HandleCompliance } from './compliance.ts';
import type { DeliverEvent } from './deliver-event.ts';
import { type DeliverForward, FORWARD_EVENT } from './deliver-forward.ts';

export interface ProcessDependencies {
  readonly connections: Connections;
  readonly comply: HandleCompliance;
  readonly deliver: DeliverEvent;
  readonly forward: DeliverForward;
}

/**
 * Processes a reserved job: prepares its event, then delivers it, forwards a webhook, handles a compliance request or
 * gives up.
 */
export async function processDelivery(
  { connections, comply, deliver, forward }: ProcessDependencies,
  job: ReservedJob,
): Promise<Attempt> {
  const prepared = prepareJob(connections, job);
  const { attemptsMade } = job;
  switch (prepared.kind) {
    case 'dead': {
      const { kind: _, ...rest } = prepared;
      return withEventName({ ...rest, attemptsMade });
    }
    case 'compliance': {
      const { delivery } = prepared;
      return { delivery, attemptsMade, outcome: await comply({ ...prepared, connections }) };
    }
    case 'forward': {
      const { delivery } = prepared;
      const forwarded = await forward(prepared, job);
      return withEventName({ delivery, event: FORWARD_EVENT, isForward: true, attemptsMade, ...forwarded });
    }
    case 'ready': {
      const { delivery, event } = prepared;
      const delivered = await deliver(prepared, job);
      return withEventName({ delivery, event: event.type, attemptsMade, ...delivered });
    }
  }
}

/** A job after preparation. All known fields are kept for logs and metrics. */
type PreparedJob =
  /** The event is mapped and valid. */
  | {
      readonly kind: 'ready';
      readonly delivery: Delivery;
      readonly connection: Connection;
      readonly event: BotpressEvent;
      readonly fullBody?: string;
      readonly link?: EventLink;
    }
  /** A compliance request of the platform, which becomes no event. */
  | {
      readonly kind: 'compliance';
      readonly delivery: Delivery;
      readonly connection: Connection;
      readonly definition: ComplianceDefinition;
    }
  /** A webhook to forward, which becomes no event. */
  | { readonly kind: 'forward'; readonly delivery: Delivery; readonly connection: Connection }
  | {
      readonly kind: 'dead';
      readonly delivery?: Delivery;
      readonly event?: string;
      readonly outcome: DeliveryOutcome;
    };

/** Reads the delivery, finds its connection and maps its event. Makes no call. */
function prepareJob(connections: Connections, { reading }: Pick<ReservedJob, 'reading'>): PreparedJob {
  if (!reading.ok) {
    const detail = { message: reading.why };
    return { kind: 'dead', outcome: { kind: 'dead', reason: 'invalid_input', detail } };
  }
  const { delivery } = reading;
  const connection = connections.get(delivery.connection);
  const prepared = prepareEvent(connection, delivery);
  if (prepared.kind === 'dead') {
    const { reason, message, issues, event } = prepared;
    const outcome = { kind: 'dead', reason, detail: { message, ...(issues ? { issues } : {}) } } as const;
    return { kind: 'dead', delivery, outcome, ...(event === undefined ? {} : { event }) };
  }
  // prepareEvent fails with unknown_connection when the connection is undefined.
  return { ...prepared, delivery, connection: connection as Connection };
}

/** A dead letter carries the name of its event, because operators search and group by it. */
function withEventName(attempt: Attempt): Attempt {
  const { outcome, event } = attempt;
  if (outcome.kind !== 'dead' || event === undefined) return attempt;
  return { ...attempt, outcome: { ...outcome, event } };
}
