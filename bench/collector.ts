import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What switches tracing on in an app, of all webhooks or of one in a hundred. */
export const TRACED = { SLUICE_TRACING: 'on' };
export const TRACED_ONE_IN_A_HUNDRED = {
  ...TRACED,
  OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
  OTEL_TRACES_SAMPLER_ARG: '0.01',
};

export interface Collector {
  /** By which an app sends its traces there. */
  readonly env: Readonly<Record<string, string>>;
  stop(): void;
}

/** Starts what takes the traces that it is sent, and does nothing with them. */
export async function startCollector(): Promise<Collector> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => void response.end('{}'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
