import { createServer, type Server } from 'node:http';
import express from 'express';
import type { Registry } from 'prom-client';
import { type HealthChecks, mountHealth } from './health.ts';

export interface OperationsOptions extends HealthChecks {
  readonly registry: Registry;
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
