/**
 * The stored form of a webhook that is forwarded to another receiver: its exact body and its headers. The first
 * function runs in ingest, the second in the worker.
 */

import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { UnpackedItem } from '../definitions/define-source.ts';
import { type Delivery, newDeliveryId } from '../delivery/delivery.ts';
import type { VerifiedWebhook } from '../verification/webhook.ts';

/** Carries the delivery id of a forward. A webhook that has this header is not forwarded again. */
export const FORWARD_HEADER = 'sluice-delivery';

/** Topic of a forward whose webhook has no item. */
const NO_TOPIC = 'webhook';

/** Replaces a secret in a stored header. Received headers have no characters past U+00FF. */
const SECRET_MARK = '\u2039secret\u203a';

/** Not a header name: set if the body is stored as latin1 because it is not UTF-8. */
const ENCODING = ':encoding';

export interface ForwardRequest {
  /** Id of the connection of the forward. */
  readonly connection: string;
  readonly source: string;
  /** Secrets of the connection that received the webhook. */
  readonly secrets: readonly string[];
  readonly webhook: VerifiedWebhook;
  /** All items of the webhook, whether or not they become deliveries; none if it cannot be parsed. */
  readonly items: readonly Pick<UnpackedItem, 'topic' | 'idempotencyKey'>[];
}

/**
 * Converts a verified webhook to the delivery that forwards it.
 *
 * The topic is that of its first item. The idempotency key contains the exact body, and the topics and keys of its
 * items: equal bodies of two topics, or with two signed ids, are two forwards.
 *
 * @returns `undefined` if the webhook is itself a forward: two addresses that forward to each other end there
 */
export function toForward(request: ForwardRequest): Delivery | undefined {
  const { connection, source, secrets, webhook, items } = request;
  const { receivedAt, body, headers } = webhook;
  if (headers[FORWARD_HEADER] !== undefined) return undefined;
  const isText = isUtf8(body);
  const hash = createHash('sha256').update(body);
  for (const { topic, idempotencyKey } of items) hash.update(JSON.stringify([topic, idempotencyKey]));
  return {
    id: newDeliveryId(receivedAt),
    connection,
    source,
    topic: items[0]?.topic ?? NO_TOPIC,
    idempotencyKey: hash.digest('base64url'),
    receivedAt,
    body: body.toString(isText ? 'utf8' : 'latin1'),
    headers: { ...storedHeaders(headers, secrets), ...(isText ? {} : { [ENCODING]: 'latin1' }) },
  };
}

/** Headers of one connection only (RFC 9110, 7.6.1), and those that the next request sets itself. */
const DROPPED = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade', 'expect', 'host', 'content-length'],
]);

/** Headers that carry credentials. They are stored only if the credential is a secret of the connection. */
const CREDENTIALS = new Set(['authorization', 'cookie']);

/** Returns the headers to forward, with a mark in place of each secret: no secret is ever stored. */
function storedHeaders(
  headers: VerifiedWebhook['headers'],
  secrets: readonly string[],
): Record<string, string> {
  // Node decodes headers as latin1. The longest comes first: one secret may contain another.
  const written = secrets
    .map((secret) => Buffer.from(secret).toString('latin1'))
    .sort((one, other) => other.length - one.length);
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const stored: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    // Only set-cookie is a list.
    if (typeof value !== 'string' || DROPPED.has(name) || named.includes(name)) continue;
    const marked = written.reduce((text, secret) => text.replaceAll(secret, SECRET_MARK), value);
    if (marked !== value || !CREDENTIALS.has(name)) stored[name] = marked;
  }
  return stored;
}

export interface ForwardedRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** The exact bytes that the platform sent. */
  readonly body: Buffer;
}

/**
 * Restores the request of a forward.
 *
 * @param secret the secret that its receiver expects in place of the platform's
 */
export function restoreForward(
  { id, headers: stored, body }: Pick<Delivery, 'id' | 'headers' | 'body'>,
  secret: string,
): ForwardedRequest {
  const { [ENCODING]: encoding, ...rest } = stored;
  const written = Buffer.from(secret).toString('latin1');
  const headers: Record<string, string> = { [FORWARD_HEADER]: id };
  // A function: a text would be read as a pattern with `$`.
  for (const [name, value] of Object.entries(rest))
    headers[name] = value.replaceAll(SECRET_MARK, () => written);
  return { headers, body: Buffer.from(body, encoding === 'latin1' ? 'latin1' : 'utf8') };
}
