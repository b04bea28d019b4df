import { Client } from '@botpress/client';
import { AxiosRun } from './axios-run.ts';
import type { BotTarget } from './bot-target.ts';
import type { Call, Run } from './call.ts';
import { classifyError, NO_ANSWER, type RawError } from './classify-error.ts';
import type { FailedCall, ToldLimit } from './send-result.ts';
import { useUndici } from './use-undici.ts';

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

/**
 * Milliseconds after the timeout when a call is given up: axios' own clock stops at an answer's head, so that
 * a body that trickles would be waited for without end (measured: 7.7 s at a timeout of 1.5 s).
 */
const GIVEN_UP_AFTER = 1_000;

/** Botpress' client for one target: over undici where it can be had, and else over axios, as it comes. */
export class BotClient {
  readonly #client: Client;
  readonly #run: Run;
  readonly #options: CallOptions;

  constructor(caller: Caller, options: CallOptions) {
    const { timeout } = options;
    const axios = new AxiosRun();
    this.#options = options;
    this.#client = new Client({ ...caller, timeout, retry: axios.retry });
    this.#run = useUndici(this.#client, timeout) ?? axios.watch(this.#client);
  }

  /**
   * Makes one call, once. It is handed on before this returns. Never rejects: every failure is
   * classified, and comes a second after the timeout at the latest.
   *
   * @param parse reads what is wanted of a success, if that is not all; what it does not know is read as JSON
   */
  call<T>(make: (client: Client) => Promise<T>, parse?: (text: string) => unknown): Promise<CallResult<T>> {
    const call: Call = { parse };
    return new Promise((resolve) => {
      const giveUp = () => resolve({ kind: 'ambiguous', why: NO_ANSWER });
      const timer = setTimeout(giveUp, this.#options.timeout + GIVEN_UP_AFTER);
      void this.#make(call, make).then((result) => {
        clearTimeout(timer);
        resolve(result);
      });
    });
  }

  async #make<T>(call: Call, make: (client: Client) => Promise<T>): Promise<CallResult<T>> {
    try {
      const body = await this.#run(call, () => make(this.#client));
      return { kind: 'answered', body, ...(call.told === undefined ? {} : { told: call.told }) };
    } catch (error) {
      return classifyError(call.raw ?? withoutRaw(error), this.#options.now());
    }
  }
}

/**
 * Of an error that was thrown on the way out, an address that is none say, the client's error keeps
 * what it was made of. Of any other nobody knows how far the request came.
 */
function withoutRaw(error: unknown): RawError {
  if (!(error instanceof Error)) return { code: 'unknown error' };
  const { error: cause } = error as { readonly error?: { readonly code?: unknown } };
  return { code: typeof cause?.code === 'string' ? cause.code : error.name };
}
