import type { BotTarget, EventSender } from '@sluice/botpress';
import type { Connection, Connections } from '@sluice/config';
import { type Delivery, findCompliance, findEvent, mapDelivery } from '@sluice/events';
import type { DeadReason, DeliveryOutcome, Taken } from '@sluice/queue';
import type { BotPauses } from './bot-pauses.ts';
import type { Comply } from './comply.ts';
import { decideOutcome } from './decide-outcome.ts';

export interface Processing {
  readonly connections: Connections;
  readonly sender: Pick<EventSender, 'sendEvent'>;
  readonly pauses: BotPauses;
  readonly comply: Comply;
  /** Of connections that name none of their own. */
  readonly apiUrl: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** One attempt, as log and metrics tell it. */
export interface Attempt {
  readonly outcome: DeliveryOutcome;
  /** Undefined if the job data could not be read. */
  readonly delivery?: Delivery;
  readonly event?: string;
  readonly attemptsMade: number;
}

/** Takes a delivery from the queue to its outcome: read, find, map, await its turn, send, decide. */
export async function processDelivery(processing: Processing, taken: Taken): Promise<Attempt> {
  const { reading, attemptsMade } = taken;
  if (!reading.ok) return { attemptsMade, outcome: dead('invalid_input', reading.why) };

  const { delivery } = reading;
  const end = (outcome: DeliveryOutcome, event?: string): Attempt => ({
    delivery,
    outcome,
    attemptsMade,
    ...(event === undefined ? {} : { event }),
  });
  const connection = processing.connections.get(delivery.connection);
  if (!connection) return end(dead('unknown_connection', `no connection ${delivery.connection}`));

  const duty = findCompliance(connection.source, delivery.topic);
  if (duty) {
    const { connections, comply } = processing;
    return end(await comply({ definition: duty, delivery, connection, connections }));
  }

  const definition = findEvent(connection.events, delivery.topic);
  if (!definition) return end(dead('invalid_input', `no event is defined for ${delivery.topic}`));
  const mapping = mapDelivery(definition, delivery, connection.settings);
  if (!mapping.ok) {
    const { reason, message, issues } = mapping;
    return end({ kind: 'dead', reason, detail: { message, issues } }, definition.name);
  }

  const turn = awaitTurn(processing, connection);
  if (turn) return end(turn, definition.name);

  const result = await processing.sender.sendEvent(toTarget(connection, processing.apiUrl), mapping.event);
  if (result.kind === 'refused' && result.refusal.status === 429 && result.refusal.retryAfter !== undefined) {
    processing.pauses.pause(connection.botpress.botId, result.refusal.retryAfter);
  }
  const { now, random } = processing;
  const budget = connection.retry.for;
  return end(decideOutcome(result, { now: now(), random, budget, attemptsMade }), definition.name);
}

/** Returns an outcome if the delivery has to wait; undefined if it is its turn. */
function awaitTurn({ pauses, random }: Processing, { botpress }: Connection): DeliveryOutcome | undefined {
  const until = pauses.pausedUntil(botpress.botId);
  if (until === undefined) return undefined;
  // Not all in the same millisecond.
  return { kind: 'paced', until: Math.ceil(until + 1_000 * random()) };
}

function toTarget({ botpress }: Connection, apiUrl: string): BotTarget {
  return { ...botpress, apiUrl: botpress.apiUrl ?? apiUrl, token: botpress.token.reveal() };
}

function dead(reason: DeadReason, message: string): DeliveryOutcome {
  return { kind: 'dead', reason, detail: { message } };
}
