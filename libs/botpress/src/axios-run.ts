import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from '@botpress/client';
import type { Call, Run } from './call.ts';
import type { RawError } from './classify-error.ts';
import { readToldLimit } from './told-limit.ts';
import { watchAnswers } from './watch-answers.ts';

/**
 * Calls of the client as it comes, over axios.
 *
 * It never retries by itself: `retry: {retries: 2}` sent one POST three times on a reset (measured). The
 * retry condition serves only to see axios' own error, whose status and headers the client's error loses.
 * It belongs to the client and not to the call, so the call is found by its async context.
 */
export class AxiosRun {
  readonly #calls = new AsyncLocalStorage<Call>();

  /** For the client's constructor. */
  readonly retry = {
    retries: 1,
    retryCondition: (error: RawError) => {
      const call = this.#calls.getStore();
      if (call) call.raw = error;
      return false;
    },
  };

  /** @param client made with `retry` */
  watch(client: Client): Run {
    watchAnswers(client, (headers) => {
      const call = this.#calls.getStore();
      if (call) call.told = readToldLimit(headers);
    });
    return (call, make) => this.#calls.run(call, make);
  }
}
