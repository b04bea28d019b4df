import type { Attributes as OtelAttributes, Span as OtelSpan } from '@opentelemetry/api';
import type { Logger } from '../logger.ts';
import { parseTraceparent, toTraceparent } from './parse-traceparent.ts';
import type { Attributes, Span, SpanKind, Tracing } from './tracing.ts';
import { importTracingPackages, type TracingPackages } from './tracing-packages.ts';

export interface TracingOptions {
  readonly isOn: boolean;
  /** Where spans are sent by OTLP over HTTP, e.g. `http://127.0.0.1:4318`. */
  readonly endpoint: string;
}

/** Milliseconds for which the same trouble is told once: a collector that is away is missed every 5 s. */
const TOLD_FOR = 60_000;

/** Long enough to tell what is wrong, too short for a page of a proxy. */
const TOLD_LENGTH = 200;

/**
 * Starts to send spans, if that is on. How many are taken is OpenTelemetry's own `OTEL_TRACES_SAMPLER`. They are sent in groups beside
 * the work; what a collector that is away does not take is thrown away, and never waited for.
 *
 * @param service shown as `service.name`, e.g. `sluice-ingest`
 * @throws an Error whose message says how to install OpenTelemetry, if it is not there
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
      if (attributes) span.setAttributes(defined(attributes));
      return wrap(span, packages);
    },
    close: () => provider.shutdown().catch(() => {}),
  };
}

function wrap(span: OtelSpan, { api }: TracingPackages): Span {
  const context = span.spanContext();
  return {
    traceId: context.traceId,
    traceparent: toTraceparent(context),
    set: (attributes) => void span.setAttributes(defined(attributes)),
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

function defined(attributes: Attributes): OtelAttributes {
  return Object.fromEntries(
    Object.entries(attributes).filter(([, value]) => value !== undefined),
  ) as OtelAttributes;
}

/** Tells what OpenTelemetry complains of in the app's own log. */
function diagnostics(logger: Logger) {
  const told = new Map<string, number>();
  const tell = (message: string) => {
    const text = message.slice(0, TOLD_LENGTH);
    const now = performance.now();
    if (now - (told.get(text) ?? Number.NEGATIVE_INFINITY) < TOLD_FOR) return;
    told.clear();
    told.set(text, now);
    logger.warn({ error: text }, 'tracing.error');
  };
  const hush = () => {};
  return { error: tell, warn: tell, info: hush, debug: hush, verbose: hush };
}
