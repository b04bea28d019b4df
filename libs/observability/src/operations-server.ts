import { createServer, type Server } from 'node:http';
import express from 'express';
import { type HealthChecks, mountHealth } from './health.ts';

/** Where metrics come from, as text: a registry, or those of several processes. */
export interface MetricsSource {
  readonly contentType: string;
  metrics(): Promise<string>;
}

export interface OperationsOptions extends HealthChecks {
  readonly registry: MetricsSource;
}

/** Makes the server of what operators and orchestrators ask: metrics and health. Not started. */
export function createOperationsServer({ registry, ...checks }: OperationsOptions): Server {
  const app = express();
  app.disable('x-powered-by');
  mountHealth(app, checks);
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  return createServer(app);
}
