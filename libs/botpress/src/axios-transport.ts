import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from '@botpress/client';
import type { RawError } from './classify-error.ts';
import { readRateLimit } from './headers.ts';
import type { CallRecord, RunCall } from './transport.ts';

/**
 * Calls of the client as it comes, over axios.
 *
 * It never retries by itself: `retry: {retries: 2}` sent one POST three times on a reset (measured). The
 * retry condition serves only to see axios' own error, whose status and headers the client's error loses.
 * It belongs to the client and not to the call, so the call is found by its async context.
 */
export class AxiosTransport {
  readonly #calls = new AsyncLocalStorage<CallRecord>();

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
  watch(client: Client): RunCall {
    observeResponses(client, (headers) => {
      const call = this.#calls.getStore();
      if (call) call.rateLimit = readRateLimit(headers);
    });
    return (call, make) => this.#calls.run(call, make);
  }
}

/** What is used of axios' instance. */
interface Watchable {
  readonly interceptors?: {
    readonly response?: { readonly use?: (onAnswer: (response: Answer) => Answer) => unknown };
  };
}

interface Answer {
  readonly headers: unknown;
}

/**
 * Tells the headers of every answer that is a success: the client hands on the body only.
 *
 * Its axios instance is private to TypeScript, but reached by brackets, so that a version without it does not
 * compile. The public `retry.validateResponse` would show the same; but it makes an error of every success and
 * takes it back (8 % of a call's CPU, measured), and if it ever is not taken back, every event that was created
 * counts as ambiguous. Watching can only fail to see: then the limit stays unknown.
 *
 * @param tell is called in the async context of the call
 */
export function observeResponses(client: Client, tell: (headers: unknown) => void): void {
  // biome-ignore lint/complexity/useLiteralKeys: brackets alone reach what is private.
  const axios: Watchable | undefined = client['axiosInstance'];
  axios?.interceptors?.response?.use?.((response) => {
    tell(response.headers);
    return response;
  });
}
