import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from '@botpress/client';
import type { CallRecord, RawError, ResponseHeaders, RunCall } from './transport.ts';

/** The object that the client's operations send with: `axiosInstance` in 1.x, `httpClient` in 2.x. */
export interface ClientHttp {
  request: (config: unknown) => Promise<{ readonly data: unknown; readonly headers?: ResponseHeaders }>;
  readonly defaults?: { maxRedirects?: number };
}

/**
 * Returns the object that a client sends with. It is private in both majors, so nothing relies on it: without it the
 * client sends over its own transport, and its headers of successes stay unknown.
 *
 * @returns `undefined` for a client of another shape
 */
export function httpOf(client: Client): ClientHttp | undefined {
  const http: unknown = Reflect.get(client, 'httpClient') ?? Reflect.get(client, 'axiosInstance');
  if ((typeof http !== 'object' && typeof http !== 'function') || http === null) return undefined;
  return 'request' in http && typeof http.request === 'function' ? (http as ClientHttp) : undefined;
}

/**
 * Calls of the unchanged client: over axios in 1.x, over fetch in 2.x.
 *
 * The client never retries: `retry: {retries: 2}` sent one POST three times on a reset (measured). The retry condition,
 * a public option of both majors, only exposes the error of axios or fetch, whose status and headers the client's error
 * drops. It is set per client and not per call, so the async context identifies the call.
 */
export class ClientTransport {
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

  /**
   * Records the headers of successes, which the client drops, and disables redirects in axios. fetch follows them.
   *
   * @param client a client constructed with `retry`
   */
  observe(client: Client): RunCall {
    const http = httpOf(client);
    if (http) {
      const request = http.request.bind(http);
      http.request = async (config) => {
        const response = await request(config);
        const call = this.#calls.getStore();
        if (call) call.headers = response.headers;
        return response;
      };
      if (http.defaults) http.defaults.maxRedirects = 0;
    }
    return (call, invoke) => this.#calls.run(call, invoke);
  }
}
