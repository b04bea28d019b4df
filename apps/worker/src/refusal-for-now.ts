/**
 * Tells whether a refusal is for now only: too early (425, which proxies answer), a limit (429), or an error of
 * Botpress' own (5xx). It says nothing of the event, nor of its connection, and the event is tried again.
 *
 * @param status HTTP status of the refusal
 */
export function isRefusalForNow(status: number): boolean {
  return status === 425 || status === 429 || status >= 500;
}
