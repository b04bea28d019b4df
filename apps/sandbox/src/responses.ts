import type { ServerResponse } from 'node:http';

/** All error types of Botpress, with the codes and messages of `@botpress/client` 1.45.0. */
export const API_ERRORS = {
  InvalidPayload: { code: 400, message: 'The request payload is invalid.' },
  InvalidJsonSchema: { code: 400, message: 'The provided JSON schema is invalid.' },
  InvalidDataFormat: { code: 400, message: "The provided data doesn't respect the provided JSON schema." },
  InvalidIdentifier: { code: 400, message: 'The provided identifier is not valid.' },
  ReferenceNotFound: { code: 400, message: 'The provided resource reference is missing.' },
  InvalidQuery: { code: 400, message: 'The provided query is invalid.' },
  Runtime: { code: 400, message: 'An error happened during the execution of a runtime.' },
  BreakingChanges: { code: 400, message: 'Request payload contains breaking changes.' },
  Unauthorized: { code: 401, message: 'The request requires to be authenticated.' },
  PaymentRequired: { code: 402, message: 'A payment is required to perform this request.' },
  Forbidden: { code: 403, message: "The requested action can't be performed by this resource." },
  QuotaExceeded: { code: 403, message: 'The request exceeds the allowed quota.' },
  ResourceNotFound: { code: 404, message: 'The requested resource does not exist.' },
  MethodNotFound: { code: 405, message: 'The requested method does not exist.' },
  RelationConflict: { code: 409, message: 'The resource is related with a different resource.' },
  ReferenceConstraint: { code: 409, message: 'The resource is referenced by another resource.' },
  ResourceLockedConflict: { code: 409, message: 'The resource is currently locked.' },
  AlreadyExists: { code: 409, message: 'The record attempted to be created already exists.' },
  ResourceGone: { code: 410, message: 'The requested resource is no longer available.' },
  PayloadTooLarge: { code: 413, message: 'The request payload is too large.' },
  LimitExceeded: { code: 413, message: 'The request exceeds the allowed limit.' },
  UnsupportedMediaType: { code: 415, message: 'The content-type of the request is not supported.' },
  RateLimited: { code: 429, message: 'The request has been rate limited.' },
  Unknown: { code: 500, message: 'An unknown error occurred' },
  Internal: { code: 500, message: 'An internal error occurred' },
  OperationTimeout: { code: 504, message: 'The operation timed out.' },
} as const;

export type ApiErrorType = keyof typeof API_ERRORS;

export const API_ERROR_TYPES = Object.keys(API_ERRORS) as [ApiErrorType, ...ApiErrorType[]];

/** An error in Botpress' format, before it gets an id. */
export interface ApiError {
  readonly error: ApiErrorType;
  readonly message: string;
}

/** Creates an error. The default message is that of its type. */
export function apiError(error: ApiErrorType, message?: string): ApiError {
  return { error, message: message ?? API_ERRORS[error].message };
}

export type ResponseHeaders = Readonly<Record<string, string>>;

/** A response before faults are applied. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Creates a response from JSON text. */
export function jsonResponse(status: number, json: string, headers: ResponseHeaders = {}): ApiResponse {
  return { status, headers: { ...headers, 'content-type': JSON_TYPE }, body: json };
}

/** Creates the response that the client turns into the error class of the type. `id` is the error id. */
export function errorResponse(
  { error, message }: ApiError,
  id: string,
  headers: ResponseHeaders = {},
): ApiResponse {
  const { code } = API_ERRORS[error];
  const body = { id, code, type: error, message, metadata: {} };
  return jsonResponse(code, JSON.stringify(body), headers);
}

/**
 * Creates a 429 in the documented form `{type, description, status}`, or in the form of other errors.
 *
 * @param id error id, of which only the second form has one
 */
export function rateLimitedResponse(
  form: 'documented' | 'error',
  id: string,
  headers: ResponseHeaders,
  message: string = API_ERRORS.RateLimited.message,
): ApiResponse {
  if (form === 'error') return errorResponse(apiError('RateLimited', message), id, headers);
  const body = { type: 'RateLimited', description: message, status: API_ERRORS.RateLimited.code };
  return jsonResponse(429, JSON.stringify(body), headers);
}

/** Sends a response. Does nothing if the caller has disconnected. */
export function sendResponse(target: ServerResponse, { status, headers, body }: ApiResponse): void {
  if (target.destroyed) return;
  target.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  target.end(body);
}
