import type { Client } from '@botpress/client';
import { getProxyForUrl } from 'proxy-from-env';
import { createUndiciAdapter } from './undici-adapter.ts';

/** What must be there of axios' instance for another adapter to do what its own does. */
interface Adaptable {
  readonly defaults: { adapter: unknown; baseURL: string; timeout: number };
}

/**
 * Lets a client send over undici, if its axios instance is as it is expected. Otherwise the client stays as it
 * comes: it does the same, slower. So it does behind a proxy (`HTTPS_PROXY` and its like), which axios knows.
 *
 * The instance is private to TypeScript, but reached by brackets, so that a version without it does not compile.
 *
 * @param timeout milliseconds, the one that the client was made with
 * @returns whether it does
 */
export function useUndici(client: Client, timeout: number): boolean {
  // biome-ignore lint/complexity/useLiteralKeys: brackets alone reach what is private.
  const axios: unknown = client['axiosInstance'];
  if (!isAdaptable(axios, timeout) || getProxyForUrl(axios.defaults.baseURL) !== '') return false;
  axios.defaults.adapter = createUndiciAdapter(timeout);
  return true;
}

/** Exactly: an instance whose own adapter was replaced by somebody, or that has the timeout elsewhere, is left alone. */
function isAdaptable(axios: unknown, timeout: number): axios is Adaptable {
  const defaults = memberOf(axios, 'defaults');
  const adapter = memberOf(defaults, 'adapter');
  return (
    typeof memberOf(axios, 'request') === 'function' &&
    Array.isArray(adapter) &&
    adapter.includes('http') &&
    typeof memberOf(defaults, 'baseURL') === 'string' &&
    memberOf(defaults, 'timeout') === timeout &&
    isListOfFunctions(memberOf(defaults, 'transformRequest')) &&
    isListOfFunctions(memberOf(defaults, 'transformResponse'))
  );
}

function isListOfFunctions(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((member) => typeof member === 'function');
}

function memberOf(value: unknown, name: string): unknown {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? Reflect.get(value, name)
    : undefined;
}
