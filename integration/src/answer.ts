import type { Response } from '@botpress/sdk';

/** What became of one request; the same statuses as apps/ingest, but that nothing is stored here. */
export type Result =
  | { readonly kind: 'created'; readonly deliveries: readonly string[] }
  /** Authentic, but of topics that nobody asked for, or of which no event can be made. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'challenge'; readonly challenge: string }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'unauthenticated' }
  | { readonly kind: 'malformed'; readonly detail: string }
  | { readonly kind: 'wrong_method' }
  /** Not all events were created, or the configuration is wrong: the platform is to send again. */
  | { readonly kind: 'unavailable' };

/** Seconds after which a sender is asked to come back. */
const RETRY_AFTER = '30';

/**
 * Answers a request. Never by throwing: the SDK answers that with 400, at which some platforms give up.
 *
 * @param reply how the source wants its success answered
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
        message: 'no secret of this address made this signature',
      });
    case 'malformed':
      return json(400, { error: 'malformed', message: result.detail });
    case 'wrong_method':
      return json(405, { error: 'wrong_method', message: 'webhooks are sent with POST' });
    case 'unavailable': {
      const { headers, ...rest } = json(503, {
        error: 'unavailable',
        message: 'not delivered; send it again',
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
