/// <reference path="./proxy-from-env.d.ts" />

import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { ForwardedRequest } from '@sluice/events';
import { getProxyForUrl } from 'proxy-from-env';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { classifyError } from './classify-error.ts';
import { readRetryAfter } from './read-response.ts';
import type { FailedCall } from './results.ts';
import type { RawError } from './transport.ts';
import { type HttpResponse, UndiciExchange } from './undici-exchange.ts';

export interface ForwardReceiver {
  readonly url: string;
  /** Whether the URL may lead to a local or private address. */
  readonly allowPrivate: boolean;
}

/** Outcome of one request to the receiver of a forward. */
export type ForwardResult =
  /** The receiver returned a 2xx. */
  { readonly kind: 'forwarded'; readonly status: number } | FailedCall;

export interface ForwarderOptions {
  /** Milliseconds until the response head. */
  readonly timeout: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Returns whether an IP address is not on the internet. */
  readonly isPrivate: (address: string) => boolean;
}

export interface ForwardOptions {
  /** Latest time to start the request, in milliseconds since the epoch. */
  readonly deadline?: number;
}

/**
 * Posts forwards to their receivers: one request, without redirects or retries. All receivers share one pool of
 * kept-alive connections.
 */
export class WebhookForwarder {
  readonly #options: ForwarderOptions;
  readonly #agents = new Map<string, Dispatcher>();

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /** Posts a forward. Never rejects. */
  async forward(
    receiver: ForwardReceiver,
    request: ForwardedRequest,
    { deadline = Number.POSITIVE_INFINITY }: ForwardOptions = {},
  ): Promise<ForwardResult> {
    // No `await` between this check and the request: the process could be suspended in between.
    const { now } = this.#options;
    const late = now() - deadline;
    if (late > 0) return { kind: 'not_sent', reason: `deadline exceeded by ${late} ms` };
    return this.#post(receiver, request).then(
      (response) => toResult(response, now()),
      (error: RawError) => classifyError(error, now()),
    );
  }

  /** Rejects with a `RawError` if no response head arrives. */
  #post(receiver: ForwardReceiver, { headers, body }: ForwardedRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const exchange = new UndiciExchange(this.#options.timeout, { resolve, reject });
      try {
        const { origin, pathname, search } = new URL(receiver.url);
        const options = { origin, path: `${pathname}${search}`, method: 'POST', headers, body } as const;
        this.#agentOf(receiver).dispatch(options, exchange);
      } catch (error) {
        exchange.fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  #agentOf({ url, allowPrivate }: ForwardReceiver): Dispatcher {
    const proxy = getProxyForUrl(url);
    const key = `${allowPrivate} ${proxy}`;
    const agent = this.#agents.get(key) ?? createAgent(this.#options, allowPrivate, proxy);
    this.#agents.set(key, agent);
    return agent;
  }
}

/** Bytes. Only the status of a response is used; its body is cut off here. */
const MAX_RESPONSE_SIZE = 64 * 1024;

function createAgent(
  { timeout, isPrivate }: ForwarderOptions,
  allowPrivate: boolean,
  proxy: string,
): Dispatcher {
  const options = {
    pipelining: 1,
    maxResponseSize: MAX_RESPONSE_SIZE,
    // `UndiciExchange` measures these.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (proxy !== '')
    return new ProxyAgent({ ...options, connect: { timeout }, uri: proxy, proxyTunnel: false });
  return new Agent({
    ...options,
    connect: { timeout, ...(allowPrivate ? {} : { lookup: publicLookup(isPrivate) }) },
  });
}

class PrivateAddressError extends Error {
  readonly code = 'private address';
}

/** Returns a lookup that fails if any address of a name is private: a name may change after its URL was checked. */
function publicLookup(isPrivate: ForwarderOptions['isPrivate']): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '');
      if (addresses.some(({ address }) => isPrivate(address))) {
        return callback(new PrivateAddressError('The name has a local or private address.'), '');
      }
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      callback(null, first?.address ?? '', first?.family);
    });
  };
}

/**
 * Classifies a response by its status alone. Unlike createEvent, a webhook is at-least-once and its receiver
 * deduplicates, so that a gateway's 502 or a timeout is retried like any other failure.
 */
function toResult({ status, headers }: HttpResponse, now: number): ForwardResult {
  if (status >= 200 && status < 300) return { kind: 'forwarded', status };
  const retryAfter = readRetryAfter(headers['retry-after'], now);
  const refusal = { status, type: 'Receiver', message: `The receiver returned ${status}.` };
  return { kind: 'refused', refusal: { ...refusal, ...(retryAfter === undefined ? {} : { retryAfter }) } };
}
