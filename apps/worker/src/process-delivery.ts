import type { Connections } from '@sluice/config';
import type { Delivery } from '@sluice/events';
import type { DeliveryOutcome, ReservedJob } from '@sluice/queue';
import type { Comply } from './comply.ts';
import type { DeliverEvent } from './deliver-event.ts';
import { prepareTaken } from './prepare-taken.ts';

export interface Processing {
  readonly connections: Connections;
  readonly comply: Comply;
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
export async function processDelivery(processing: Processing, taken: ReservedJob): Promise<Attempt> {
  const attempt = await attemptDelivery(processing, taken);
  return { ...attempt, outcome: withEvent(attempt) };
}

/** What is dead tells also which event it was to become: operators search and group by it. */
function withEvent({ outcome, event }: Attempt): DeliveryOutcome {
  return outcome.kind === 'dead' && event !== undefined ? { ...outcome, event } : outcome;
}

async function attemptDelivery(
  { connections, comply, deliver }: Processing,
  taken: ReservedJob,
): Promise<Attempt> {
  const prepared = prepareTaken(connections, taken);
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
