import type { FindResult, Refusal, SendResult } from '@sluice/botpress';
import type { Connection } from '@sluice/config';
import type { Delivery } from '@sluice/events';
import type { Logger } from '@sluice/observability';
import type { ConnectionFailure, Scheduler } from '@sluice/queue';
import { isRefusalForNow, isRefusalOfBot } from './decide-outcome.ts';

/** Tells the gate what calls came to, so that all workers know. Most calls have nothing to tell. */
export interface ResultReporter {
  reportSent(what: {
    readonly delivery: Delivery;
    readonly connection: Connection;
    readonly result: SendResult;
    /** When the attempt began, by its turn: its record is put away, and never another worker's. */
    readonly startedAt: number;
    /** Whether the gate wants to hear of a success. */
    readonly isTripped: boolean;
  }): Promise<void>;
  reportLookup(what: { readonly connection: Connection; readonly found: FindResult }): Promise<void>;
}

/** Refusals in a row after which a connection is held: of its token, plan or bot, and of single events. */
const BOT_REFUSALS = 3;
const EVENT_REFUSALS = 20;

/** Milliseconds that a bot is left alone after a 429 that does not say for how long. */
const PAUSE = 1_000;

/** A bot that has less than this part of its limit left is told of; above, the gate's own count will do. */
const SCARCE = 0.1;

export function createResultReporter({
  gate,
  logger,
}: {
  readonly gate: Pick<
    Scheduler,
    'clearAttempt' | 'pauseBot' | 'recordLimit' | 'recordFailure' | 'recordSuccess'
  >;
  readonly logger: Logger;
}): ResultReporter {
  const strike = async (connection: string, refusal: Refusal) => {
    const { held, now } = await gate.recordFailure(connection, strikeOf(refusal));
    if (held && now) logger.error({ connection, reason: reasonOf(refusal) }, 'connection.circuit_opened');
  };
  const succeed = async (connection: string) => {
    if (await gate.recordSuccess(connection)) logger.info({ connection }, 'connection.circuit_closed');
  };
  const refused = async ({ id, botpress: { botId } }: Connection, refusal: Refusal) => {
    const { status, retryAfter } = refusal;
    if (status === 429) await gate.pauseBot(botId, retryAfter ?? PAUSE);
    else if (!isRefusalForNow(status)) await strike(id, refusal);
  };
  return {
    async reportSent({ delivery, connection, result, startedAt, isTripped }) {
      const { botId } = connection.botpress;
      if ('told' in result && result.told && isNews(result.told, connection)) {
        await gate.recordLimit(botId, result.told);
      }
      switch (result.kind) {
        case 'created':
          if (isTripped) await succeed(connection.id);
          return;
        case 'refused':
          await gate.clearAttempt(delivery.id, startedAt);
          return refused(connection, result.refusal);
        case 'not_sent':
          return gate.clearAttempt(delivery.id, startedAt);
        case 'ambiguous':
          return;
      }
    },
    async reportLookup({ connection, found }) {
      if (found.kind === 'found') await succeed(connection.id);
      if (found.kind === 'refused') await refused(connection, found.refusal);
    },
  };
}

function strikeOf(refusal: Refusal): ConnectionFailure {
  const reason = reasonOf(refusal);
  return isRefusalOfBot(refusal.status)
    ? { kind: 'bot', reason, limit: BOT_REFUSALS }
    : { kind: 'event', reason, limit: EVENT_REFUSALS };
}

function reasonOf({ status, type }: Refusal): string {
  return `${status} ${type}`;
}

function isNews(
  { limit, remaining }: { readonly limit?: number; readonly remaining?: number },
  { limits: { eventsPerMinute } }: Connection,
): boolean {
  if (limit !== undefined && limit < eventsPerMinute) return true;
  return remaining !== undefined && remaining < SCARCE * Math.min(limit ?? eventsPerMinute, eventsPerMinute);
}
