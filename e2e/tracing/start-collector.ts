import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A received span. */
export interface SeenSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root span. */
  readonly parentSpanId: string;
  readonly kind: number;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 2: error. */
  readonly status: { readonly code?: number; readonly message?: string };
}

/** Receives spans by OTLP over HTTP, like a collector. */
export interface Collector {
  readonly url: string;
  readonly spans: readonly SeenSpan[];
  /** The raw request bodies. */
  readonly bodies: readonly string[];
  /** Resolves with all spans when they match. */
  waitFor(areEnough: (spans: readonly SeenSpan[]) => boolean): Promise<readonly SeenSpan[]>;
  stop(): Promise<void>;
}

type Value = Readonly<Record<string, unknown>> & {
  readonly arrayValue?: { readonly values: readonly Value[] };
};

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: Value }[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<SeenSpan, 'service' | 'attributes'> & {
        readonly attributes: readonly { key: string; value: Value }[];
      })[];
    }[];
  }[];
}

const plain = (value: Value): unknown =>
  value.arrayValue ? value.arrayValue.values.map(plain) : Object.values(value)[0];

const attributesOf = (list: readonly { key: string; value: Value }[]) =>
  Object.fromEntries(list.map(({ key, value }) => [key, plain(value)]));

export async function startCollector(): Promise<Collector> {
  const spans: SeenSpan[] = [];
  const bodies: string[] = [];
  const arrivals = new EventEmitter();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    bodies.push(body);
    for (const { resource, scopeSpans } of (JSON.parse(body) as Sent).resourceSpans) {
      const service = String(attributesOf(resource.attributes)['service.name']);
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        const { parentSpanId = '', links = [] } = span;
        spans.push({ ...span, service, parentSpanId, links, attributes: attributesOf(span.attributes) });
      }
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    arrivals.emit('spans');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bodies,
    async waitFor(areEnough) {
      while (!areEnough(spans)) await once(arrivals, 'spans');
      return spans;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
