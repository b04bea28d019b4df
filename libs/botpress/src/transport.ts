import type { RawError } from './classify-error.ts';
import type { RateLimit } from './results.ts';

/** What is noted of a call while it is made, because the client does not hand it on. */
export interface CallRecord {
  /** Reads the body of an answer, where not all of it is wanted; without it, as JSON. */
  readonly parse?: ((text: string) => unknown) | undefined;
  raw?: RawError;
  rateLimit?: RateLimit | undefined;
}

/** Makes a call with the client, once, and notes what came of it. */
export type RunCall = <T>(call: CallRecord, make: () => Promise<T>) => Promise<T>;
