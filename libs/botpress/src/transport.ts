/**
 * The fields of an HTTP client's error that say what failed: axios' error in 1.x of the client, `HttpError` in 2.x.
 * The client's own error drops them (measured).
 */
export interface RawError {
  readonly code?: string | undefined;
  /** Whether writing of the request started. Only the undici transport knows; otherwise undefined. */
  readonly requestStarted?: boolean | undefined;
  /** The error that the HTTP client wrapped. */
  readonly cause?: unknown;
  readonly request?:
    | { readonly socket?: { readonly secureConnecting?: unknown } | null | undefined }
    | undefined;
  readonly response?:
    | {
        readonly status: number;
        readonly headers: ResponseHeaders;
        readonly data: unknown;
      }
    | undefined;
}

/** Names are in lower case. */
export type ResponseHeaders = Readonly<Record<string, unknown>>;

/** What a transport records about a call because the client does not return it. */
export interface CallRecord {
  /** Parses the body of a success if only part of it is needed; `undefined` falls back to JSON. */
  readonly parse?: ((text: string) => unknown) | undefined;
  raw?: RawError;
  /** Headers of a success. */
  headers?: ResponseHeaders | undefined;
}

/** Runs one call of the client and fills its record. */
export type RunCall = <T>(call: CallRecord, invoke: () => Promise<T>) => Promise<T>;
