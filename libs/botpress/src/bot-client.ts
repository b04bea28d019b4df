import { AsyncLocalStorage } from 'node:async_hooks';
import { Client } from '@botpress/client';
import type { BotTarget } from './bot-target.ts';
import { classifyError, NO_ANSWER, type RawError } from './classify-error.ts';
import type { FailedCall, ToldLimit } from './send-result.ts';
import { readToldLimit } from './told-limit.ts';
import { useUndici } from './use-undici.ts';
import { watchAnswers } from './watch-answers.ts';

/** What one call came to. */
export type CallResult<T> =
  | { readonly kind: 'answered'; readonly body: T; readonly told?: ToldLimit }
  | FailedCall;

export interface CallOptions {
  /** Milliseconds until an answer counts as lost. */
  readonly timeout: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** As whom calls are made. Without `botId` or `integrationId` the client takes those of its own environment. */
export type Caller = Partial<BotTarget> & { readonly workspaceId?: string };

interface Call {
  raw?: RawError;
  told?: ToldLimit | undefined;
}

/**
 * Milliseconds after the timeout when a call is given up: axios' own clock stops at an answer's head, so that
 * a body that trickles would be waited for without end (measured: 7.7 s at a timeout of 1.5 s).
 */
const GIVEN_UP_AFTER = 1_000;

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
  readonly #options: CallOptions;

  constructor(caller: Caller, options: CallOptions) {
    this.#options = options;
    this.#client = new Client({
      ...caller,
      timeout: options.timeout,
      retry: {
        retries: 1,
        retryCondition: (error: RawError) => {
          const call = this.#calls.getStore();
          if (call) call.raw = error;
          return false;
        },
      },
    });
    useUndici(this.#client, options.timeout);
    watchAnswers(this.#client, (headers) => {
      const call = this.#calls.getStore();
      if (call) call.told = readToldLimit(headers);
    });
  }

  /**
   * Makes one call, once. It is handed to axios before this returns. Never rejects: every failure is
   * classified, and comes a second after the timeout at the latest.
   */
  call<T>(make: (client: Client) => Promise<T>): Promise<CallResult<T>> {
    const call: Call = {};
    return new Promise((resolve) => {
      const giveUp = () => resolve({ kind: 'ambiguous', why: NO_ANSWER });
      const timer = setTimeout(giveUp, this.#options.timeout + GIVEN_UP_AFTER);
      void this.#calls
        .run(call, () => this.#make(call, make))
        .then((result) => {
          clearTimeout(timer);
          resolve(result);
        });
    });
  }

  async #make<T>(call: Call, make: (client: Client) => Promise<T>): Promise<CallResult<T>> {
    try {
      const body = await make(this.#client);
      return { kind: 'answered', body, ...(call.told === undefined ? {} : { told: call.told }) };
    } catch (error) {
      return classifyError(call.raw ?? withoutRaw(error), this.#options.now());
    }
  }
}

/**
 * Of an error that was thrown on the way into axios, an address that is none say, the client's error keeps
 * what it was made of. Of any other nobody knows how far the request came.
 */
function withoutRaw(error: unknown): RawError {
  if (!(error instanceof Error)) return { code: 'unknown error' };
  const { error: cause } = error as { readonly error?: { readonly code?: unknown } };
  return { code: typeof cause?.code === 'string' ? cause.code : error.name };
}
