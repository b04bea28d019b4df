import type { Attributes as OtelAttributes, Span as OtelSpan, SpanContext } from '@opentelemetry/api';
import type { Logger } from './logger.ts';

/** Attributes of a span: names, ids and numbers, never content of a webhook. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Span kinds of OpenTelemetry. */
type SpanKind = 'server' | 'producer' | 'consumer' | 'client';

interface SpanOptions {
  readonly kind: SpanKind;
  /** W3C traceparent of the parent span. Without one, a trace begins. */
  readonly parent?: string | undefined;
  readonly attributes?: Attributes;
}

export interface Span {
  readonly traceId: string;
  /** W3C traceparent, to pass to child spans. */
  readonly traceparent: string;
  /** Adds attributes; undefined values are skipped. */
  set(attributes: Attributes): void;
  /** Links another trace by its W3C traceparent; an invalid one is ignored. */
  link(traceparent: string | undefined): void;
  /** Marks the span as failed. `why` must be safe to show. */
  fail(why: string): void;
  /** Ends the span. Call it once. */
  end(): void;
}

export interface Tracing {
  start(name: string, options: SpanOptions): Span;
  /** Sends the remaining spans. Never rejects. */
  close(): Promise<void>;
}

export interface TracingOptions {
  readonly isOn: boolean;
  /** Base URL of a collector with OTLP over HTTP, such as `http://127.0.0.1:4318`. */
  readonly endpoint: string;
}

/**
 * Starts tracing; returns undefined if it is off. OpenTelemetry's `OTEL_TRACES_SAMPLER` sets the sampling. Spans are
 * sent in batches in the background. If the collector is unavailable, they are dropped and nothing waits.
 *
 * @param service value of `service.name`, such as `sluice-ingest`
 * @throws Error with the remedy if the OpenTelemetry packages are not installed
 */
export async function openTracing(
  service: string,
  { isOn, endpoint }: TracingOptions,
  logger: Logger,
): Promise<Tracing | undefined> {
  if (!isOn) return undefined;
  const packages = await importTracingPackages();
  const { api, sdk, exporter, resources } = packages;
  api.diag.setLogger(diagnostics(logger), { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true });
  const provider = new sdk.BasicTracerProvider({
    resource: resources
      .defaultResource()
      .merge(resources.resourceFromAttributes({ 'service.name': service })),
    spanProcessors: [
      new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter({ url: `${endpoint}/v1/traces` })),
    ],
  });
  const tracer = provider.getTracer('sluice');
  const kinds = kindsOf(packages);
  return {
    start(name, { kind, parent, attributes }) {
      const cause = parseTraceparent(parent);
      const context = cause ? api.trace.setSpanContext(api.ROOT_CONTEXT, cause) : api.ROOT_CONTEXT;
      const span = tracer.startSpan(name, { kind: kinds[kind] }, context);
      if (attributes) span.setAttributes(withoutUndefined(attributes));
      return wrap(span, packages);
    },
    close: () => provider.shutdown().catch(() => {}),
  };
}

function wrap(span: OtelSpan, { api }: TracingPackages): Span {
  const context = span.spanContext();
  return {
    traceId: context.traceId,
    traceparent: formatTraceparent(context),
    set: (attributes) => void span.setAttributes(withoutUndefined(attributes)),
    link(traceparent) {
      const linked = parseTraceparent(traceparent);
      if (linked) span.addLink({ context: linked });
    },
    fail: (why) => void span.setStatus({ code: api.SpanStatusCode.ERROR, message: why }),
    end: () => span.end(),
  };
}

function kindsOf({ api: { SpanKind: kinds } }: TracingPackages): Readonly<Record<SpanKind, number>> {
  return {
    server: kinds.SERVER,
    producer: kinds.PRODUCER,
    consumer: kinds.CONSUMER,
    client: kinds.CLIENT,
  };
}

function withoutUndefined(attributes: Attributes): OtelAttributes {
  return Object.fromEntries(
    Object.entries(attributes).filter(([, value]) => value !== undefined),
  ) as OtelAttributes;
}

/** Milliseconds before a repeated diagnostic is logged again: an unavailable collector fails every 5 s. */
const REPEAT_AFTER = 60_000;

/** Characters of a diagnostic that are logged: enough for the cause, too few for the error page of a proxy. */
const MAX_DIAGNOSTIC_LENGTH = 200;

/** Writes warnings and errors of OpenTelemetry to the log of the app. */
function diagnostics(logger: Logger) {
  const lastLogged = new Map<string, number>();
  const log = (message: string) => {
    const text = message.slice(0, MAX_DIAGNOSTIC_LENGTH);
    const now = performance.now();
    if (now - (lastLogged.get(text) ?? Number.NEGATIVE_INFINITY) < REPEAT_AFTER) return;
    lastLogged.clear();
    lastLogged.set(text, now);
    logger.warn({ error: text }, 'tracing.error');
  };
  const ignore = () => {};
  return { error: log, warn: log, info: ignore, debug: ignore, verbose: ignore };
}

/** Optional packages of 28 MB. Their versions are the peer dependencies in this room's package.json. */
interface TracingPackages {
  readonly api: typeof import('@opentelemetry/api');
  readonly sdk: typeof import('@opentelemetry/sdk-trace-base');
  readonly exporter: typeof import('@opentelemetry/exporter-trace-otlp-http');
  readonly resources: typeof import('@opentelemetry/resources');
}

async function importTracingPackages(): Promise<TracingPackages> {
  try {
    const [api, sdk, exporter, resources] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
    return { api, sdk, exporter, resources };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(
      'SLUICE_TRACING is on, but the OpenTelemetry packages are not installed. Install them as in docs/how-to/enable-tracing.md, or set SLUICE_TRACING to off.',
    );
  }
}

/** Version, trace id, span id and flags. Fields of later versions are not read. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})$/;

function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}

function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-0${traceFlags & 1}`;
}
