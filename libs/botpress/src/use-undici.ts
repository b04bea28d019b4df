/// <reference path="./proxy-from-env.d.ts" />
import type { Client } from '@botpress/client';
import { getProxyForUrl } from 'proxy-from-env';
import type { Call, Run } from './call.ts';
import type { RawError } from './classify-error.ts';
import { readToldLimit } from './told-limit.ts';
import type { Answer } from './undici-exchange.ts';
import { sendOverUndici } from './undici-request.ts';

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
export function useUndici(client: Client, timeout: number): Run | undefined {
  // biome-ignore lint/complexity/useLiteralKeys: brackets alone reach what is private.
  const axios: unknown = client['axiosInstance'];
  if (!isRequesting(axios) || !isAsMade(client.config, timeout)) return undefined;
  const { apiUrl } = client.config;
  if (getProxyForUrl(apiUrl) !== '') return undefined;

  const base = apiUrl.replace(/\/+$/, '');
  const headers = { ...HEADERS, ...(client.config.headers as Record<string, string>) };
  const asItComes = axios.request;
  /** Operations ask before they await anything, so this is the one that asks. */
  let current: Call | undefined;
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

function readAnswer(call: Call, { status, headers, text }: Answer): { readonly data: unknown } {
  if (text === undefined || status < 200 || status >= 300) {
    const data = text === undefined ? undefined : parse(text);
    return fail(call, { hasBegun: true, response: { status, headers, data } });
  }
  call.told = readToldLimit(headers);
  return { data: call.parse?.(text) ?? parse(text) };
}

function fail(call: Call, raw: RawError): never {
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
