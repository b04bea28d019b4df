import { Client, isApiError } from '@botpress/client';
import type { ReadyEvent } from './receive-webhook.ts';

export interface Failure {
  readonly event: ReadyEvent;
  /** Status and type of the error; its message may quote what was sent. */
  readonly why: string;
}

export interface Creation {
  readonly created: readonly ReadyEvent[];
  /** The platform is to send again for these and for those that were not tried. */
  readonly failures: readonly Failure[];
}

/** Platforms wait for 5 s (Shopify, Linear) and then send again, whatever becomes of this try. */
const TIMEOUT_MS = 4_000;

/** Errors that the next event would meet as well. */
const OF_ALL_EVENTS = new Set([401, 402, 403, 404, 408, 429]);

/**
 * Opens a client that sends once.
 *
 * The client that the SDK hands to handlers made four events of one when each answer was lost (measured:
 * 5.4.3, a reset after the commit, four POSTs in 6 s), and it waits for the whole Retry-After on 429. Here
 * the platform is who sends again.
 * Token and address come from BP_TOKEN and BP_API_URL, as they do for the SDK's.
 */
export function openClient(ctx: {
  readonly botId: string;
  readonly integrationId: string;
  readonly integrationAlias: string;
}): Pick<Client, 'createEvent'> {
  const { botId, integrationId, integrationAlias } = ctx;
  return new Client({ botId, integrationId, integrationAlias, timeout: TIMEOUT_MS, retry: { retries: 0 } });
}

/**
 * Creates the events in their order. One that Botpress refuses for itself does not hold the others up;
 * anything else ends the try.
 */
export async function createEvents(
  client: Pick<Client, 'createEvent'>,
  events: readonly ReadyEvent[],
): Promise<Creation> {
  const created: ReadyEvent[] = [];
  const failures: Failure[] = [];
  for (const event of events) {
    try {
      await client.createEvent({ type: event.type, payload: event.payload });
      created.push(event);
    } catch (error) {
      const { code, why } = describe(error);
      failures.push({ event, why });
      if (code < 400 || code >= 500 || OF_ALL_EVENTS.has(code)) break;
    }
  }
  return { created, failures };
}

function describe(error: unknown): { code: number; why: string } {
  if (!isApiError(error)) return { code: 0, why: 'no answer of Botpress' };
  return { code: error.code, why: `${error.code} ${error.type}` };
}
