import type { RawError } from './classify-error.ts';
import type { ToldLimit } from './send-result.ts';

/** What is noted of a call while it is made, because the client does not hand it on. */
export interface Call {
  /** Reads the body of an answer, where not all of it is wanted; without it, as JSON. */
  readonly parse?: ((text: string) => unknown) | undefined;
  raw?: RawError;
  told?: ToldLimit | undefined;
}

/** Makes a call with the client, once, and notes what came of it. */
export type Run = <T>(call: Call, make: () => Promise<T>) => Promise<T>;
