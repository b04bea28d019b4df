/// <reference path="./proxy-from-env.d.ts" />
import type { Client } from '@botpress/client';
import { getProxyForUrl } from 'proxy-from-env';
import { Agent } from 'undici';
import type { RawError } from './classify-error.ts';
import { readRateLimit } from './headers.ts';
import type { CallRecord, RunCall } from './transport.ts';
import { type Answer, UndiciExchange } from './undici-exchange.ts';

/// <reference path="./proxy-from-env.d.ts" />

/** What the client's operations make of themselves, for its axios instance. */
interface ClientRequest {
  readonly method: string;
  /** A path, with its query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data?: unknown;
}

/** Of axios' instance what the client's operations call. */
interface Requesting {
  request: (config: unknown) => Promise<{ readonly data: unknown }>;
}

const HEADERS = {
  accept: 'application/json',
  'accept-encoding': 'identity',
  'content-type': 'application/json',
  'user-agent': 'sluice',
};

/**
 * Lets a client's operations send over undici instead of axios, which costs more than all else that a delivery
 * needs (`bench/results/delivering.md`). What they send and give back stays the client's.
 *
 * Only a client that is as it is expected is changed. Another stays as it comes: it does the same, slower. So it
 * does behind a proxy (`HTTPS_PROXY` and its like), which axios knows. Its axios instance is private to TypeScript,
 * but reached by brackets, so that a version without it does not compile.
 *
 * @param timeout milliseconds, the one that the client was made with
 * @returns undefined if it stays as it comes
 */
export function useUndici(client: Client, timeout: number): RunCall | undefined {
  // biome-ignore lint/complexity/useLiteralKeys: brackets alone reach what is private.
  const axios: unknown = client['axiosInstance'];
  if (!isRequesting(axios) || !isAsMade(client.config, timeout)) return undefined;
  const { apiUrl } = client.config;
  if (getProxyForUrl(apiUrl) !== '') return undefined;

  const base = apiUrl.replace(/\/+$/, '');
  const headers = { ...HEADERS, ...(client.config.headers as Record<string, string>) };
  const asItComes = axios.request;
  /** Operations ask before they await anything, so this is the one that asks. */
  let current: CallRecord | undefined;
  axios.request = (config) => {
    const call = current;
    if (!call || !isPlain(config)) return asItComes(config);
    const { method, url, data } = config;
    const body = data === undefined ? undefined : JSON.stringify(data);
    return sendOverUndici({
      ...{ method: method.toUpperCase(), url: `${base}${url}`, body, timeout },
      headers: { ...headers, ...config.headers },
    }).then(
      (answer) => readAnswer(call, answer),
      (error: RawError) => fail(call, error),
    );
  };
  return (call, make) => {
    current = call;
    try {
      return make();
    } finally {
      current = undefined;
    }
  };
}

function readAnswer(call: CallRecord, { status, headers, text }: Answer): { readonly data: unknown } {
  if (text === undefined || status < 200 || status >= 300) {
    const data = text === undefined ? undefined : parse(text);
    return fail(call, { hasBegun: true, response: { status, headers, data } });
  }
  call.rateLimit = readRateLimit(headers);
  return { data: call.parse?.(text) ?? parse(text) };
}

function fail(call: CallRecord, raw: RawError): never {
  call.raw = raw;
  throw new Error(raw.code ?? `answered ${raw.response?.status}`);
}

/** A proxy's page stays a text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isRequesting(axios: unknown): axios is Requesting {
  return typeof axios === 'function' && 'request' in axios && typeof axios.request === 'function';
}

/** Whether what the client says of itself is what its requests need. */
function isAsMade(config: unknown, timeout: number): boolean {
  if (typeof config !== 'object' || config === null) return false;
  if (!('apiUrl' in config && 'timeout' in config && 'headers' in config)) return false;
  return typeof config.apiUrl === 'string' && config.timeout === timeout && isTexts(config.headers);
}

const PLAIN = new Set(['method', 'url', 'headers', 'data']);

/** Whatever else a request may ask for is axios' to do. */
function isPlain(config: unknown): config is ClientRequest {
  if (typeof config !== 'object' || config === null || !('headers' in config)) return false;
  if (!('method' in config && 'url' in config && typeof config.method === 'string')) return false;
  const { url } = config;
  if (typeof url !== 'string' || !url.startsWith('/') || !isTexts(config.headers)) return false;
  return Object.keys(config).every((name) => PLAIN.has(name));
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

export interface Request {
  /** In capitals. */
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Milliseconds, until the answer begins, and for each pause in it. */
  readonly timeout: number;
}

/** Bytes, the client's own limit. */
const LARGEST_ANSWER = 100 * 1024 * 1024;

/**
 * Milliseconds that a connection is kept which nobody uses, where its server does not say for how long. Load
 * balancers keep theirs for a minute and more; who closes first never resets a request of ours.
 */
const KEPT_IDLE = 30_000;

/** For each timeout one agent, whose connections all clients share. A worker has one timeout. */
const agents = new Map<number, Agent>();

function agentOf(timeout: number): Agent {
  let agent = agents.get(timeout);
  if (!agent) {
    // Heads and bodies have a clock of their own: undici's is good to a second.
    const clocks = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: KEPT_IDLE };
    agent = new Agent({ ...clocks, connect: { timeout }, pipelining: 1, maxResponseSize: LARGEST_ANSWER });
    agents.set(timeout, agent);
  }
  return agent;
}

/**
 * Sends one request over undici, which has it before this returns. It follows no redirects and retries nothing.
 *
 * @returns rejects with a `RawError` if no answer begins
 */
function sendOverUndici({ method, url, headers, body, timeout }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const exchange = new UndiciExchange(timeout, { resolve, reject });
    try {
      const { origin, protocol, pathname, search } = new URL(url);
      if (protocol !== 'http:' && protocol !== 'https:') throw new UnknownProtocol(protocol);
      const path = `${pathname}${search}`;
      agentOf(timeout).dispatch({ origin, path, method, headers, body: body ?? null }, exchange);
    } catch (error) {
      exchange.fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

class UnknownProtocol extends Error {
  /** Axios' own. */
  readonly code = 'ERR_BAD_REQUEST';
}
