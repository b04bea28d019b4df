import type { Client } from '@botpress/client';
import type { isApiError } from '@botpress/sdk';
import type { ReadyEvent } from './receive-webhook.ts';

/** The part of Botpress' packages that creates events. */
export interface BotpressClient {
  readonly Client: typeof Client;
  readonly isApiError: typeof isApiError;
}

export interface FailedEvent {
  readonly event: ReadyEvent;
  /** Status and type of the error. Not its message, which may quote the payload. */
  readonly reason: string;
}

export interface CreateEventsResult {
  readonly created: readonly ReadyEvent[];
  /** Failed events. The platform must resend these and the ones that were not attempted. */
  readonly failures: readonly FailedEvent[];
}

/** Shopify and Linear wait 5 s for a response and then resend. */
const TIMEOUT_MS = 4_000;

/** Statuses that the next event would get as well. */
const STOPPING_STATUSES = new Set([401, 402, 403, 404, 408, 429]);

/**
 * Creates a client without retries; the platform resends instead.
 *
 * The client that the SDK passes to handlers created four events for one when every response was lost (measured:
 * 5.4.3, a reset after the commit, four POSTs in 6 s). On 429 it waits for the whole Retry-After. Like the SDK's
 * client, this one reads token and address from BP_TOKEN and BP_API_URL.
 */
export function openClient(
  botpress: BotpressClient,
  ctx: { readonly botId: string; readonly integrationId: string; readonly integrationAlias: string },
): Pick<Client, 'createEvent'> {
  const { botId, integrationId, integrationAlias } = ctx;
  return new botpress.Client({
    botId,
    integrationId,
    integrationAlias,
    timeout: TIMEOUT_MS,
    retry: { retries: 0 },
  });
}

/**
 * Creates the events in order. Continues after an error that concerns only one event; stops at any other error.
 */
export async function createEvents(
  client: Pick<Client, 'createEvent'>,
  events: readonly ReadyEvent[],
  isApiError: BotpressClient['isApiError'],
): Promise<CreateEventsResult> {
  const created: ReadyEvent[] = [];
  const failures: FailedEvent[] = [];
  for (const event of events) {
    try {
      await client.createEvent({ type: event.type, payload: event.payload });
      created.push(event);
    } catch (error) {
      const { code, reason } = describeError(error, isApiError);
      failures.push({ event, reason });
      if (code < 400 || code >= 500 || STOPPING_STATUSES.has(code)) break;
    }
  }
  return { created, failures };
}

function describeError(
  error: unknown,
  isApiError: BotpressClient['isApiError'],
): { code: number; reason: string } {
  if (!isApiError(error)) return { code: 0, reason: 'no response from Botpress' };
  return { code: error.code, reason: `${error.code} ${error.type}` };
}
