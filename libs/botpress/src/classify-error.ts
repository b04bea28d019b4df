import { readRetryAfter } from './retry-after.ts';
import type { Refusal, SendResult } from './send-result.ts';

/** The little of axios' error that says what happened. The client's own error hides it (measured). */
export interface RawError {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly syscall?: string | undefined;
  readonly response?:
    | {
        readonly status: number;
        readonly headers: Readonly<Record<string, unknown>>;
        readonly data: unknown;
      }
    | undefined;
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
]);

/** A gateway answers these for a backend that it lost: the event may be there all the same. */
const AMBIGUOUS_STATUSES = new Set([502, 504]);

/** Botpress' messages may quote what was sent; a dead letter needs their beginning only. */
const MAX_MESSAGE = 500;

/**
 * Decides what a failed createEvent came to, by HTTP status and error code: a body that is not Botpress'
 * own (a proxy's HTML) turns into `Unknown` 500 in the client, whatever the status was.
 *
 * @param now milliseconds since the epoch
 */
export function classifyError(error: RawError, now: number): SendResult {
  if (error.response) return classifyAnswer(error.response, now);
  const code = error.code ?? 'unknown error';
  if (NEVER_LEFT.has(code) || error.syscall === 'connect') return { kind: 'not_sent', why: code };
  return { kind: 'ambiguous', why: code === 'ECONNABORTED' ? 'no answer within the timeout' : code };
}

function classifyAnswer(response: NonNullable<RawError['response']>, now: number): SendResult {
  const { status } = response;
  if (AMBIGUOUS_STATUSES.has(status)) return { kind: 'ambiguous', why: `answered ${status}` };
  const body = asRecord(response.data);
  const retryAfter = readRetryAfter(response.headers['retry-after'], now);
  const refusal: Refusal = {
    status,
    type: typeof body.type === 'string' ? body.type : 'Unknown',
    message: typeof body.message === 'string' ? body.message.slice(0, MAX_MESSAGE) : `HTTP ${status}`,
    ...(typeof body.id === 'string' ? { errorId: body.id } : {}),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
  return { kind: 'refused', refusal };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
