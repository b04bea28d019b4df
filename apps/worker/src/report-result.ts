import type { LookupResult, RateLimit, Refusal, SendResult } from '@sluice/botpress';
import type { Connection } from '@sluice/config';
import type { Delivery } from '@sluice/events';
import type { Logger } from '@sluice/observability';
import type { ConnectionFailure, Scheduler, WorkspaceWindow } from '@sluice/queue';
import { classifyRefusal } from './decide-outcome.ts';

/** Reports results of calls to the scheduler, which shares them with all workers. Most calls have nothing to report. */
export interface ResultReporter {
  reportSent(call: {
    readonly delivery: Delivery;
    readonly connection: Connection;
    readonly result: SendResult;
    /** Start of the attempt as its permit stated it: only the record of this attempt is cleared. */
    readonly startedAt: number;
    /** Whether the connection has recorded failures, which a success clears. */
    readonly isTripped: boolean;
    /** Whether the event was too large and is sent again without its full body: not a failure of the connection. */
    readonly isResent: boolean;
    /** Window of the bot's workspace, which counts its events. */
    readonly workspace?: WorkspaceWindow;
  }): Promise<void>;
  reportLookup(call: { readonly connection: Connection; readonly found: LookupResult }): Promise<void>;
}

/** Consecutive refusals that open the circuit of a connection: of its token, plan or bot, and of single events. */
const BOT_REFUSAL_LIMIT = 3;
const EVENT_REFUSAL_LIMIT = 20;

/** Share of its limit below which a bot's remaining quota is reported. Above it the scheduler's own count suffices. */
const SCARCE = 0.1;

/**
 * Returns the reporter of call results.
 *
 * @param dependencies `scheduler`: shared state of bots and connections; `logger`: receives circuit transitions
 */
export function createResultReporter({
  scheduler,
  logger,
}: {
  readonly scheduler: Pick<
    Scheduler,
    'clearAttempt' | 'pauseBot' | 'recordLimit' | 'recordFailure' | 'recordSuccess'
  >;
  readonly logger: Logger;
}): ResultReporter {
  const recordFailure = async (connection: string, refusal: Refusal) => {
    const { held, now } = await scheduler.recordFailure(connection, toFailure(refusal));
    if (held && now) logger.error({ connection, reason: reasonOf(refusal) }, 'connection.circuit_opened');
  };
  const recordSuccess = async (connection: string) => {
    if (await scheduler.recordSuccess(connection)) logger.info({ connection }, 'connection.circuit_closed');
  };
  const reportRefusal = async (
    { id, botpress: { botId } }: Connection,
    refusal: Refusal,
    rateLimit: RateLimit = {},
  ) => {
    const { status, retryAfter } = refusal;
    if (status === 429) await scheduler.pauseBot(botId, retryAfter ?? rateLimit.reset);
    else if (classifyRefusal(status) !== 'retry') await recordFailure(id, refusal);
  };
  return {
    async reportSent({ delivery, connection, result, startedAt, isTripped, isResent, workspace }) {
      const { botId } = connection.botpress;
      if ('rateLimit' in result && result.rateLimit && isScarce(result.rateLimit, connection)) {
        await scheduler.recordLimit(botId, result.rateLimit);
      }
      switch (result.kind) {
        case 'created':
          if (isTripped) await recordSuccess(connection.id);
          return;
        case 'refused':
          await scheduler.clearAttempt(delivery.id, startedAt, workspace);
          if (isResent) return;
          return reportRefusal(connection, result.refusal, result.rateLimit);
        case 'not_sent':
          return scheduler.clearAttempt(delivery.id, startedAt, workspace);
        case 'ambiguous':
          return;
      }
    },
    async reportLookup({ connection, found }) {
      if (found.kind === 'found') await recordSuccess(connection.id);
      if (found.kind === 'refused') await reportRefusal(connection, found.refusal);
    },
  };
}

function toFailure(refusal: Refusal): ConnectionFailure {
  const reason = reasonOf(refusal);
  return classifyRefusal(refusal.status) === 'suspend'
    ? { kind: 'bot', reason, limit: BOT_REFUSAL_LIMIT }
    : { kind: 'event', reason, limit: EVENT_REFUSAL_LIMIT };
}

function reasonOf({ status, type }: Refusal): string {
  return `${status} ${type}`;
}

/** Returns whether the reported limit is below the configured one, or nearly used up. Without a limit it is unknown. */
function isScarce({ limit, remaining }: RateLimit, { limits: { eventsPerMinute } }: Connection): boolean {
  if (limit === undefined) return false;
  if (limit < eventsPerMinute) return true;
  return remaining !== undefined && remaining < SCARCE * eventsPerMinute;
}
