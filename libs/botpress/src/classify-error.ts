import { memberOf, readRateLimit, readRetryAfter } from './read-response.ts';
import type { FailedCall, Refusal } from './results.ts';
import type { RawError } from './transport.ts';

/** Reason of an ambiguous call without a response in time. */
export const TIMEOUT_REASON = 'no answer within the timeout';

/** Code of a timeout in axios, `HttpError` and `UndiciExchange`. */
const TIMEOUT_CODE = 'ECONNABORTED';

/**
 * Statuses of a gateway that lost its backend or timed out waiting for it: the event may exist. Botpress
 * defines no errors with 408 or 520 to 524. Envoy returns 408 if a stream was idle for too long, even after
 * the whole request was forwarded. Cloudflare returns 520, 522 and 524 if an origin sent an invalid response,
 * did not acknowledge the request, or took too long.
 *
 * All other 5xx count as refused by design: nothing created. This is not proved for a 500 `Internal`, which
 * may follow the commit, nor for Envoy's 503 after a reset.
 */
const AMBIGUOUS_STATUSES = new Set([408, 502, 504, 520, 522, 524]);

/** Characters. Botpress messages may quote the payload; a dead letter needs only their beginning. */
const MAX_MESSAGE = 500;

/** Codes of undici, also as part of fetch → codes of Node for the same failures: all transports give the same reasons. */
const NODE_CODES: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_CONNECT_TIMEOUT: TIMEOUT_CODE,
};

/**
 * Classifies a failed call by HTTP status and error code. The client's own error is not enough: it turns any
 * body that is not from Botpress (such as a proxy's HTML) into `Unknown` 500, regardless of the status.
 *
 * @param now milliseconds since the epoch, to read a `Retry-After` date
 */
export function classifyError(error: RawError, now: number): FailedCall {
  if (error.response) return classifyResponse(error.response, now);
  const given = error.code ?? 'unknown error';
  const code = given.startsWith('ERR_SSL_') ? 'EPROTO' : (NODE_CODES[given] ?? given);
  const isTimeout = code === TIMEOUT_CODE;
  if (isNotSent(error)) {
    return { kind: 'not_sent', reason: isTimeout ? 'no connection within the timeout' : code };
  }
  return { kind: 'ambiguous', reason: isTimeout ? TIMEOUT_REASON : code };
}

function classifyResponse(response: NonNullable<RawError['response']>, now: number): FailedCall {
  const { status, headers } = response;
  // A redirect, or a success that was cut off: axios reports the latter as an error (measured). Neither is a refusal.
  if (status < 400 || AMBIGUOUS_STATUSES.has(status))
    return { kind: 'ambiguous', reason: `answered ${status}` };
  const [type, id] = ['type', 'id'].map((name) => memberOf(response.data, name));
  // A 429 is documented with `description` instead.
  const message = memberOf(response.data, 'message') ?? memberOf(response.data, 'description');
  const retryAfter = readRetryAfter(headers['retry-after'], now);
  const refusal: Refusal = {
    status,
    type: typeof type === 'string' ? type : 'Unknown',
    message: typeof message === 'string' ? message.slice(0, MAX_MESSAGE) : `HTTP ${status}`,
    ...(typeof id === 'string' ? { errorId: id } : {}),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
  const rateLimit = readRateLimit(headers, status);
  return { kind: 'refused', refusal, ...(rateLimit === undefined ? {} : { rateLimit }) };
}

/** Codes of errors that occur before the first byte of the request is written. */
const NOT_SENT_CODES = new Set([
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
  // Without a response this is axios' own error: an unsupported protocol, or a body that is too large.
  'ERR_BAD_REQUEST',
]);

/**
 * Returns whether the call provably failed before the first byte of its request was sent. Two cases cannot be
 * proved and count as sent: a reset of a kept-alive connection, and a hanging connection over plain HTTP (Node
 * reports a socket destroyed while connecting like a connected one; `bytesWritten` includes queued bytes).
 */
function isNotSent({ code, request, cause, requestStarted }: RawError): boolean {
  if (requestStarted !== undefined) return !requestStarted;
  if (code !== undefined && NOT_SENT_CODES.has(code)) return true;
  // TLS sends no request before its handshake ends, and the flag outlives the socket (measured). It covers a
  // connection that is dropped, and a handshake that hangs, is cut off, or ends with a rejected certificate.
  if (request?.socket?.secureConnecting === true) return true;
  return isConnectError(cause);
}

/**
 * Checks the cause, which has what the error itself drops: the system call that failed, of axios' error; fetch's error,
 * which wraps another one (measured).
 */
function isConnectError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, syscall, errors, cause } = error as Readonly<Record<string, unknown>>;
  if (syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT') return true;
  // Node tries all addresses of a name in turn and reports one error per address.
  if (Array.isArray(errors)) return errors.length > 0 && errors.every(isConnectError);
  return isConnectError(cause);
}
