import { createHash } from 'node:crypto';

/** An HTTP request as a platform would send it. */
export interface SampleRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Composes and signs realistic webhooks of a source. */
export interface SourceSamples<Settings = unknown> {
  /** The topics that `compose` supports. */
  readonly topics: readonly string[];
  /**
   * Composes an unsigned webhook. Different numbers give different occurrences; the same number and time
   * give the same one.
   *
   * @param occasion.number which one, from 1
   * @param occasion.now when it happened, in milliseconds since the epoch
   * @throws RangeError for a topic outside of `topics`
   */
  compose(
    topic: string,
    occasion: { readonly number: number; readonly now: number; readonly settings: Settings },
  ): SampleRequest;
  /** Returns the request with the headers that authenticate it. */
  sign(request: SampleRequest, secret: string): SampleRequest;
}

/**
 * Returns the composer of a topic.
 *
 * @throws RangeError for an unknown topic; its message lists the supported ones
 */
export function composerOf<Composer>(composers: Readonly<Record<string, Composer>>, topic: string): Composer {
  const composer = Object.hasOwn(composers, topic) ? composers[topic] : undefined;
  if (composer) return composer;
  throw new RangeError(`No sample for ${topic}. Topics with samples: ${Object.keys(composers).join(', ')}.`);
}

/** Returns the element at `number` modulo the length of a non-empty list. */
export function pick<T>(list: readonly T[], number: number): T {
  return list[number % list.length] as T;
}

/** Returns a UUID that is the same for the same seed, so that sending the same number again is a resend. */
export function sampleId(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  const version = `4${hex.slice(13, 16)}`;
  const variant = `a${hex.slice(17, 20)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), version, variant, hex.slice(20, 32)].join('-');
}
