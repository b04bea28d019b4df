import type { Connection, Connections } from '@sluice/config';
import { type BotpressEvent, type ComplianceDefinition, type Delivery, prepareEvent } from '@sluice/events';
import type { DeliveryOutcome, ReservedJob } from '@sluice/queue';
import type { HandleCompliance } from './compliance.ts';
import type { DeliverEvent } from './deliver-event.ts';

/** What a taken delivery is good for. What is known of it is told whatever came of it, for log and metrics. */
export type Prepared =
  /** Its event, made and checked. */
  | {
      readonly kind: 'ready';
      readonly delivery: Delivery;
      readonly connection: Connection;
      readonly event: BotpressEvent;
    }
  /** The platform's demand, which becomes no event. */
  | {
      readonly kind: 'compliance';
      readonly delivery: Delivery;
      readonly connection: Connection;
      readonly definition: ComplianceDefinition;
    }
  | {
      readonly kind: 'dead';
      readonly delivery?: Delivery;
      readonly event?: string;
      readonly outcome: DeliveryOutcome;
    };

/** Reads a taken delivery, finds its connection and makes its event, without a call. */
function prepareJob(connections: Connections, { reading }: Pick<ReservedJob, 'reading'>): Prepared {
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
  // Without a connection nothing else is prepared.
  return { ...prepared, delivery, connection: connection as Connection };
}

export interface ProcessDependencies {
  readonly connections: Connections;
  readonly comply: HandleCompliance;
  readonly deliver: DeliverEvent;
}

/** One taking, as log and metrics tell it. */
export interface Attempt {
  readonly outcome: DeliveryOutcome;
  /** Undefined if the job data could not be read. */
  readonly delivery?: Delivery;
  readonly event?: string;
  readonly attemptsMade: number;
}

/** Takes a delivery from the queue to its outcome: prepare its event, then obey, deliver or give up. */
export async function processDelivery(processing: ProcessDependencies, taken: ReservedJob): Promise<Attempt> {
  const attempt = await attemptDelivery(processing, taken);
  return { ...attempt, outcome: withEvent(attempt) };
}

/** What is dead tells also which event it was to become: operators search and group by it. */
function withEvent({ outcome, event }: Attempt): DeliveryOutcome {
  return outcome.kind === 'dead' && event !== undefined ? { ...outcome, event } : outcome;
}

async function attemptDelivery(
  { connections, comply, deliver }: ProcessDependencies,
  taken: ReservedJob,
): Promise<Attempt> {
  const prepared = prepareJob(connections, taken);
  const { attemptsMade } = taken;
  switch (prepared.kind) {
    case 'dead': {
      const { kind: _, ...rest } = prepared;
      return { ...rest, attemptsMade };
    }
    case 'compliance': {
      const { delivery } = prepared;
      return { delivery, attemptsMade, outcome: await comply({ ...prepared, connections }) };
    }
    case 'ready': {
      const { delivery, event } = prepared;
      const outcome = await deliver(prepared, taken);
      return { delivery, event: event.type, attemptsMade, outcome };
    }
  }
}
