import { AsyncLocalStorage } from 'node:async_hooks';
import { Client } from '@botpress/client';
import type { BotpressEvent } from '@sluice/events';
import type { BotTarget } from './bot-target.ts';
import { classifyError, type RawError } from './classify-error.ts';
import type { SendResult } from './send-result.ts';

interface Call {
  raw?: RawError;
}

/**
 * Botpress' client for one target.
 *
 * It never retries by itself: `retry: {retries: 2}` sent one POST three times on a reset (measured). The
 * retry condition serves only to see axios' own error, whose status and headers the client's error loses.
 * It belongs to the client and not to the call, so the call is found by its async context.
 */
export class BotClient {
  readonly #client: Client;
  readonly #calls = new AsyncLocalStorage<Call>();
  readonly #now: () => number;

  /** @param timeout milliseconds until an answer counts as lost */
  constructor(target: BotTarget, timeout: number, now: () => number) {
    this.#now = now;
    this.#client = new Client({
      ...target,
      timeout,
      retry: {
        retries: 1,
        retryCondition: (error: RawError) => {
          const call = this.#calls.getStore();
          if (call) call.raw = error;
          return false;
        },
      },
    });
  }

  /** Calls createEvent once. Never rejects: every failure is classified. */
  sendEvent(event: BotpressEvent): Promise<SendResult> {
    const call: Call = {};
    return this.#calls.run(call, async () => {
      try {
        const answer = await this.#client.createEvent({ type: event.type, payload: event.payload });
        return readAnswer(answer);
      } catch (error) {
        // Without axios' error nobody knows how far the request came.
        const raw = call.raw ?? { code: error instanceof Error ? error.name : 'unknown error' };
        return classifyError(raw, this.#now());
      }
    });
  }
}

/** A 2xx without an event in it, a proxy's page say, is no proof of anything. */
function readAnswer(answer: { readonly event?: { readonly id?: unknown } }): SendResult {
  const id = answer?.event?.id;
  if (typeof id === 'string' && id !== '') return { kind: 'created', eventId: id };
  return { kind: 'ambiguous', why: 'a 2xx answer without an event' };
}
