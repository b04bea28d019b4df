import type { RateLimit } from './results.ts';

/** The fields of an axios error that say what failed. The client's own error drops them (measured). */
export interface RawError {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  /** Whether writing of the request started. Only the undici transport knows; otherwise undefined. */
  readonly requestStarted?: boolean | undefined;
  /** The error that axios wrapped. */
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

/** What a transport records about a call because the client does not return it. */
export interface CallRecord {
  /** Parses the body of a success if only part of it is needed; `undefined` falls back to JSON. */
  readonly parse?: ((text: string) => unknown) | undefined;
  raw?: RawError;
  rateLimit?: RateLimit | undefined;
}

/** Runs one call of the client and fills its record. */
export type RunCall = <T>(call: CallRecord, invoke: () => Promise<T>) => Promise<T>;
