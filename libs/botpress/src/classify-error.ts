import { readRateLimit, readRetryAfter } from './headers.ts';
import type { FailedCall, Refusal } from './results.ts';

/** The little of axios' error that says what happened. The client's own error hides it (measured). */
export interface RawError {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  /** Whether its first byte may have been written, where it is known of every call: over undici. */
  readonly hasBegun?: boolean | undefined;
  /** What axios made its error of. */
  readonly cause?: unknown;
  readonly request?:
    | { readonly socket?: { readonly secureConnecting?: unknown } | null | undefined }
    | undefined;
  readonly response?:
    | {
        readonly status: number;
        readonly headers: Readonly<Record<string, unknown>>;
        readonly data: unknown;
      }
    | undefined;
}

/** Why a call is ambiguous that has not been answered in time. */
export const NO_ANSWER = 'no answer within the timeout';

/**
 * Answers of a gateway that has lost its backend, or has waited long enough for it: the event may be there all
 * the same. Botpress has neither 408 nor 520 to 524 among its errors; Envoy answers 408 when a stream was idle
 * for too long, even if the request had been handed on whole, and Cloudflare 520, 522 and 524 when an origin
 * answered nonsense, did not acknowledge the request, or took too long.
 *
 * All other 5xx count as refused, by design: nothing created. That is not proved of a 500 `Internal`, which may
 * come after the commit, nor of Envoy's 503 after a reset.
 */
const AMBIGUOUS_STATUSES = new Set([408, 502, 504, 520, 522, 524]);

/** Botpress' messages may quote what was sent; a dead letter needs their beginning only. */
const MAX_MESSAGE = 500;

/**
 * Decides what a failed call came to, by HTTP status and error code: a body that is not Botpress' own (a
 * proxy's HTML) turns into `Unknown` 500 in the client, whatever the status was.
 *
 * @param now milliseconds since the epoch
 */
export function classifyError(error: RawError, now: number): FailedCall {
  if (error.response) return classifyAnswer(error.response, now);
  const code = error.code ?? 'unknown error';
  const isTimeout = code === 'ECONNABORTED';
  if (isNotSent(error)) {
    return { kind: 'not_sent', why: isTimeout ? 'no connection within the timeout' : code };
  }
  return { kind: 'ambiguous', why: isTimeout ? NO_ANSWER : code };
}

function classifyAnswer(response: NonNullable<RawError['response']>, now: number): FailedCall {
  const { status, headers } = response;
  // An answer of success that broke off or cannot be read (measured: axios tells both as errors) is no refusal.
  if (status < 400 || AMBIGUOUS_STATUSES.has(status)) return { kind: 'ambiguous', why: `answered ${status}` };
  const body = asRecord(response.data);
  const retryAfter = readRetryAfter(headers['retry-after'], now);
  const refusal: Refusal = {
    status,
    type: typeof body.type === 'string' ? body.type : 'Unknown',
    message: typeof body.message === 'string' ? body.message.slice(0, MAX_MESSAGE) : `HTTP ${status}`,
    ...(typeof body.id === 'string' ? { errorId: body.id } : {}),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
  const rateLimit = readRateLimit(headers);
  return { kind: 'refused', refusal, ...(rateLimit === undefined ? {} : { rateLimit }) };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Errors that come before the first byte of the request is written. */
const NEVER_LEFT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_INVALID_URL',
  // Without an answer it is axios' own: a protocol that it does not know, a body that is too large.
  'ERR_BAD_REQUEST',
]);

/**
 * Tells whether a call failed before the first byte of its request left. Whatever cannot be proved did leave:
 * a reset of a kept-alive connection, and over plain http a connection that hangs (Node does not tell a socket
 * that was destroyed while connecting from one that was connected; `bytesWritten` counts what still waits).
 */
function isNotSent({ code, request, cause, hasBegun }: RawError): boolean {
  if (hasBegun !== undefined) return !hasBegun;
  if (code !== undefined && NEVER_LEFT.has(code)) return true;
  // Nothing is sent over TLS before its handshake is done, and the flag outlives the socket (measured): a
  // connection that is swallowed, a handshake that hangs, breaks off, or ends with a certificate not accepted.
  if (request?.socket?.secureConnecting === true) return true;
  return isOfConnecting(cause);
}

/** What failed is visible in the cause alone: axios copies its code, but not its system call (measured). */
function isOfConnecting(cause: unknown): boolean {
  if (typeof cause !== 'object' || cause === null) return false;
  const { syscall, errors } = cause as { readonly syscall?: unknown; readonly errors?: unknown };
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true;
  // Where a name has several addresses, Node tries one after the other, and all of them failed.
  return Array.isArray(errors) && errors.length > 0 && errors.every(isOfConnecting);
}
