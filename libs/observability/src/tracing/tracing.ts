/** What spans say of themselves: names, ids and numbers, never what a webhook carries. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** As OpenTelemetry calls them: who answers, who hands on, who takes up, who asks. */
export type SpanKind = 'server' | 'producer' | 'consumer' | 'client';

export interface SpanOptions {
  readonly kind: SpanKind;
  /** The W3C traceparent of what caused it; without one, a trace begins. */
  readonly parent?: string | undefined;
  readonly attributes?: Attributes;
}

/** Something that takes time, from `start` to `end`. */
export interface Span {
  readonly traceId: string;
  /** W3C, for what it causes. */
  readonly traceparent: string;
  /** Adds to what it says of itself; undefined is left out. */
  set(attributes: Attributes): void;
  /** Points to a trace that it does not belong to, by its W3C traceparent; anything else is ignored. */
  link(traceparent: string | undefined): void;
  /** It failed, and why; safe to show. */
  fail(why: string): void;
  /** Ends it. Call it once. */
  end(): void;
}

export interface Tracing {
  start(name: string, options: SpanOptions): Span;
  /** Sends what is left. Never rejects. */
  close(): Promise<void>;
}
