import { hasNeverLeft } from './never-left.ts';
import { readRetryAfter } from './retry-after.ts';
import type { FailedCall, Refusal } from './send-result.ts';
import { readToldLimit } from './told-limit.ts';

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
  if (hasNeverLeft(error)) {
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
  const told = readToldLimit(headers);
  return { kind: 'refused', refusal, ...(told === undefined ? {} : { told }) };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
