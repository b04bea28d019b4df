import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from '@botpress/client';
import { readRateLimit } from './read-response.ts';
import type { CallRecord, RawError, RunCall } from './transport.ts';

/**
 * Calls of the unchanged client, over axios.
 *
 * The client never retries: `retry: {retries: 2}` sent one POST three times on a reset (measured). The retry
 * condition only exposes axios' own error, whose status and headers the client's error drops. It is set per
 * client and not per call, so the async context identifies the call.
 */
export class AxiosTransport {
  readonly #calls = new AsyncLocalStorage<CallRecord>();

  /** Retry option for the client's constructor. */
  readonly retry = {
    retries: 1,
    retryCondition: (error: RawError) => {
      const call = this.#calls.getStore();
      if (call) call.raw = error;
      return false;
    },
  };

  /** @param client a client constructed with `retry` */
  observe(client: Client): RunCall {
    observeResponses(client, (headers) => {
      const call = this.#calls.getStore();
      if (call) call.rateLimit = readRateLimit(headers);
    });
    return (call, invoke) => this.#calls.run(call, invoke);
  }
}

/** The part of an axios instance that is used here. */
interface AxiosInstance {
  readonly interceptors?: {
    readonly response?: {
      readonly use?: (onResponse: (response: AxiosResponse) => AxiosResponse) => unknown;
    };
  };
}

interface AxiosResponse {
  readonly headers: unknown;
}

/**
 * Passes the headers of every successful response to `onHeaders`; the client returns only the body.
 *
 * The client's axios instance is private in TypeScript. Bracket access keeps it type-checked, so a client
 * version without it does not compile. The public `retry.validateResponse` would expose the same headers, but
 * it turns every success into an error and back (8 % of a call's CPU, measured). If it ever failed to turn one
 * back, every created event would count as ambiguous. An interceptor can only fail to observe: then the rate
 * limit stays unknown.
 *
 * @param onHeaders called in the async context of the call
 */
export function observeResponses(client: Client, onHeaders: (headers: unknown) => void): void {
  // biome-ignore lint/complexity/useLiteralKeys: bracket access reaches a private property.
  const axios: AxiosInstance | undefined = client['axiosInstance'];
  axios?.interceptors?.response?.use?.((response) => {
    onHeaders(response.headers);
    return response;
  });
}
