/** A request as a platform would send it. */
export interface SampleRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SourceSamples<Settings = unknown> {
  /** The topics that `compose` knows. */
  readonly topics: readonly string[];
  /**
   * Composes an unsigned webhook: a different thing for each `number`, the same for the same number.
   *
   * @param occasion.number which one, from 1
   * @param occasion.now when it happened, in milliseconds since the epoch
   */
  compose(
    topic: string,
    occasion: { readonly number: number; readonly now: number; readonly settings: Settings },
  ): SampleRequest;
  /** Adds the headers that authenticate the request, as the platform would. */
  sign(request: SampleRequest, secret: string): SampleRequest;
}
