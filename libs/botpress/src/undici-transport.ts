/// <reference path="./proxy-from-env.d.ts" />
import type { Client } from '@botpress/client';
import { getProxyForUrl } from 'proxy-from-env';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { httpOf } from './client-transport.ts';
import type { CallRecord, RawError, RunCall } from './transport.ts';
import { type HttpResponse, UndiciExchange } from './undici-exchange.ts';

/** The request of an operation: what it passes to axios in 1.x, and to `HttpClient` in 2.x. */
interface ClientRequest {
  readonly method: string;
  /** A path with its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data?: unknown;
}

const HEADERS = {
  accept: 'application/json',
  'accept-encoding': 'identity',
  'content-type': 'application/json',
  'user-agent': 'sluice',
};

/**
 * Makes a client's operations send over undici. axios costs more CPU than everything else in a delivery
 * (`bench/results/delivering.md`), and fetch neither reports whether a request was written nor uses a proxy. Requests and
 * results stay the client's.
 *
 * Only a client with the expected shape is changed. Any other sends over its own transport, which leaves more failures
 * ambiguous.
 *
 * @param timeout milliseconds; the timeout that the client was constructed with
 * @returns undefined if the client is left unchanged
 */
export function useUndici(client: Client, timeout: number): RunCall | undefined {
  const http = httpOf(client);
  if (!http || !hasExpectedConfig(client.config, timeout)) return undefined;
  const { apiUrl } = client.config;
  const proxy = getProxyForUrl(apiUrl);

  const base = apiUrl.replace(/\/+$/, '');
  const headers = { ...HEADERS, ...(client.config.headers as Record<string, string>) };
  const requestOfClient = http.request.bind(http);
  /** The call being made. Operations send before their first `await`, so this is always the caller's. */
  let current: CallRecord | undefined;
  http.request = (config) => {
    const call = current;
    if (!call || !isSupported(config)) return requestOfClient(config);
    const { method, url, data } = config;
    const body = data === undefined ? undefined : JSON.stringify(data);
    return sendOverUndici({
      ...{ method: method.toUpperCase(), url: `${base}${url}`, body, timeout, proxy },
      headers: { ...headers, ...config.headers },
    }).then(
      (response) => readResponse(call, response),
      (error: RawError) => fail(call, error),
    );
  };
  return (call, invoke) => {
    current = call;
    try {
      return invoke();
    } finally {
      current = undefined;
    }
  };
}

function readResponse(call: CallRecord, { status, headers, text }: HttpResponse): { readonly data: unknown } {
  if (text === undefined || status < 200 || status >= 300) {
    const data = text === undefined ? undefined : parseBody(text);
    return fail(call, { requestStarted: true, response: { status, headers, data } });
  }
  call.headers = headers;
  return { data: call.parse?.(text) ?? parseBody(text) };
}

function fail(call: CallRecord, raw: RawError): never {
  call.raw = raw;
  throw new Error(raw.code ?? `answered ${raw.response?.status}`);
}

/** Returns the text itself if it is not JSON, such as a proxy's page. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function hasExpectedConfig(config: unknown, timeout: number): boolean {
  if (typeof config !== 'object' || config === null) return false;
  if (!('apiUrl' in config && 'timeout' in config && 'headers' in config)) return false;
  return typeof config.apiUrl === 'string' && config.timeout === timeout && isStringRecord(config.headers);
}

const SUPPORTED_FIELDS = new Set(['method', 'url', 'headers', 'data']);

/** A request with any other field is left to the client. */
function isSupported(config: unknown): config is ClientRequest {
  if (typeof config !== 'object' || config === null || !('headers' in config)) return false;
  if (!('method' in config && 'url' in config && typeof config.method === 'string')) return false;
  const { url } = config;
  if (typeof url !== 'string' || !url.startsWith('/') || !isStringRecord(config.headers)) return false;
  return Object.keys(config).every((name) => SUPPORTED_FIELDS.has(name));
}

function isStringRecord(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

interface HttpRequest {
  /** In upper case. */
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Milliseconds until the response head, and between two pieces of its body. */
  readonly timeout: number;
  /** URL of the proxy; empty without one. */
  readonly proxy: string;
}

/** Bytes; the client's own limit. */
const MAX_RESPONSE_SIZE = 100 * 1024 * 1024;

/**
 * Milliseconds that an idle connection is kept if its server sends no keep-alive timeout. Load balancers keep
 * theirs for at least a minute. The side that closes first cannot have a request reset.
 */
const KEEP_ALIVE_TIMEOUT = 30_000;

/** One agent per timeout and proxy; all clients share its connections. A worker has one timeout. */
const agents = new Map<string, Dispatcher>();

function agentOf(timeout: number, proxy: string): Dispatcher {
  const key = `${timeout} ${proxy}`;
  let agent = agents.get(key);
  if (!agent) {
    const options = {
      connect: { timeout },
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      maxResponseSize: MAX_RESPONSE_SIZE,
      // `UndiciExchange` measures these: undici's timers are only accurate to a second.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    // A tunnel for https, as usual; for http the proxy gets the absolute URL.
    agent =
      proxy === '' ? new Agent(options) : new ProxyAgent({ ...options, uri: proxy, proxyTunnel: false });
    agents.set(key, agent);
  }
  return agent;
}

/**
 * Sends one request over undici, without redirects or retries. undici has the request before this returns.
 *
 * @returns rejects with a `RawError` if no response head arrives
 */
function sendOverUndici({ method, url, headers, body, timeout, proxy }: HttpRequest): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const exchange = new UndiciExchange(timeout, { resolve, reject });
    try {
      const { origin, protocol, pathname, search } = new URL(url);
      if (protocol !== 'http:' && protocol !== 'https:') throw new UnsupportedProtocolError(protocol);
      const path = `${pathname}${search}`;
      agentOf(timeout, proxy).dispatch({ origin, path, method, headers, body: body ?? null }, exchange);
    } catch (error) {
      exchange.fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

class UnsupportedProtocolError extends Error {
  /** The code of axios for it. */
  readonly code = 'ERR_BAD_REQUEST';
}
