/**
 * Tells whether Botpress refuses the token (401, 403), the plan (402, 403 QuotaExceeded) or the bot (404), and
 * not this one event: every other of the connection would fare alike, so they are held and not lost.
 *
 * @param status HTTP status of the refusal
 */
export function isRefusalOfBot(status: number): boolean {
  return status === 401 || status === 402 || status === 403 || status === 404;
}
