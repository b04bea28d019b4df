/** Every error that Botpress answers, by type; the wording is that of `@botpress/client` 1.45.0. */
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

/** A call that is answered with an error. */
export interface Refusal {
  readonly error: ApiErrorType;
  readonly message: string;
}

/** Makes a refusal; without a message of its own it says what the type says. */
export function refuse(error: ApiErrorType, message?: string): Refusal {
  return { error, message: message ?? API_ERRORS[error].message };
}
