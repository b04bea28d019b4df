import type { Environment } from './environment.ts';
import type { EnvironmentReader } from './environment-reader.ts';
import { httpUrlProblem } from './http-url.ts';
import { readEnvironment } from './read-environment.ts';

/**
 * Reads BOTPRESS_API_URL: where connections without an `apiUrl` of their own send; no slash at its end.
 *
 * @throws ConfigError
 */
export function readBotpressApiUrl(env: Environment = process.env): string {
  return readEnvironment(env, (reader) => ({ url: botpressApiUrl(reader) })).url;
}

/** The same, as a part of an app's settings. */
export function botpressApiUrl(reader: EnvironmentReader): string {
  const url = reader.text('BOTPRESS_API_URL', {
    default: 'https://api.botpress.cloud',
    problem: httpUrlProblem,
    wanted: 'an http:// or https:// address without user, password and query',
  });
  return url.replace(/\/+$/, '');
}
