import { createServer, type Server } from 'node:http';
import express, { type Response } from 'express';
import type { Registry } from 'prom-client';

/** What a check found: fine, or why not. */
export type Health = { readonly ok: true } | { readonly ok: false; readonly why: string };

export interface OperationsOptions {
  readonly registry: Registry;
  /** Is this process alive and getting on with its work? */
  readonly alive: () => Health;
  /** May it be given work? */
  readonly ready?: () => Health;
}

/** Makes the server of what operators and orchestrators ask: `/metrics`, `/healthz`, `/readyz`. Not started. */
export function createOperationsServer({ registry, alive, ready = alive }: OperationsOptions): Server {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => sendHealth(response, alive()));
  app.get('/readyz', (_request, response) => sendHealth(response, ready()));
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  return createServer(app);
}

/** Answers 200 or 503, with the reason in words. */
export function sendHealth(response: Response, health: Health): void {
  response.status(health.ok ? 200 : 503).json(health);
}
