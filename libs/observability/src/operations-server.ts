import { createServer, type Server } from 'node:http';
import express, { type Application, type Response } from 'express';

/** Result of a health check. */
export type Health = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Health checks of a process. They are served without authentication, so `why` must not contain secrets. */
export interface HealthChecks {
  /**
   * Liveness. False only if a restart helps, because the orchestrator restarts the process. Never false because Redis
   * or Botpress is unavailable: that would restart every process at once.
   */
  readonly alive: () => Health;
  /** Readiness: whether the process accepts work now. */
  readonly ready: () => Health | Promise<Health>;
  /** Whether startup has completed. Once true, it stays true. */
  readonly started: () => Health;
}

/** Returns a failed check with the reason, or a passed one without. */
export function toHealth(why: string | undefined): Health {
  return why === undefined ? { ok: true } : { ok: false, why };
}

/** Sends 200, or 503 with the reason. */
export function sendHealth(response: Response, health: Health): void {
  response.status(health.ok ? 200 : 503).json(health);
}

/** Serves `/healthz` (liveness), `/readyz` and `/startedz`. */
export function mountHealth(app: Application, { alive, ready, started }: HealthChecks): void {
  app.get('/healthz', (_request, response) => sendHealth(response, alive()));
  app.get('/readyz', async (_request, response) => sendHealth(response, await ready()));
  app.get('/startedz', (_request, response) => sendHealth(response, started()));
}

/** Metrics in text format: a registry, or the aggregate of several processes. */
export interface MetricsSource {
  readonly contentType: string;
  metrics(): Promise<string>;
}

export interface OperationsOptions extends HealthChecks {
  readonly registry: MetricsSource;
}

/** Creates the server for metrics and health checks, not yet listening. */
export function createOperationsServer({ registry, ...checks }: OperationsOptions): Server {
  const app = express();
  app.disable('x-powered-by');
  mountHealth(app, checks);
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  return createServer(app);
}
