import type { Response } from '@botpress/sdk';

/** Outcome of one request. The HTTP statuses are those of apps/ingest, except that nothing is stored here. */
export type Result =
  | { readonly kind: 'created'; readonly deliveries: readonly string[] }
  /** Verified, but all topics are disabled, or no event can be made of the webhook. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'challenge'; readonly challenge: string }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'unauthenticated' }
  | { readonly kind: 'malformed'; readonly detail: string }
  | { readonly kind: 'wrong_method' }
  /** Some events were not created, or the configuration is invalid. The platform should resend. */
  | { readonly kind: 'unavailable' };

/** Seconds until the sender should retry. */
const RETRY_AFTER = '30';

/**
 * Returns the HTTP response of a result. Errors must not be thrown instead: the SDK turns them into a 400, after
 * which some platforms stop sending.
 *
 * @param reply format of success responses that the source requires
 */
export function toResponse(result: Result, reply: 'details' | 'empty' = 'details'): Response {
  switch (result.kind) {
    case 'created':
      return success(reply, { result: 'created', deliveries: result.deliveries });
    case 'ignored':
      return success(reply, { result: 'ignored', deliveries: [] });
    case 'challenge':
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: result.challenge };
    case 'forbidden':
      return { status: 403, headers: { 'content-type': 'text/plain' }, body: 'forbidden' };
    case 'unauthenticated':
      return json(401, {
        error: 'unauthenticated',
        message: 'The signature does not match any secret of this address.',
      });
    case 'malformed':
      return json(400, { error: 'malformed', message: result.detail });
    case 'wrong_method':
      return json(405, { error: 'wrong_method', message: 'Webhooks must be sent with POST.' });
    case 'unavailable': {
      const { headers, ...rest } = json(503, {
        error: 'unavailable',
        message: 'The webhook was not delivered. Send it again.',
      });
      return { ...rest, headers: { ...headers, 'retry-after': RETRY_AFTER } };
    }
  }
}

function success(reply: 'details' | 'empty', body: unknown): Response {
  return reply === 'empty' ? { status: 200, body: '' } : json(200, body);
}

function json(status: number, body: unknown): Response {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
