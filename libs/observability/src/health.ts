import type { Application, Response } from 'express';

/** What a check found: fine, or why not, in words for people. */
export type Health = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** What an orchestrator asks of a process. None of them may say anything that is secret: nobody signs in for them. */
export interface HealthChecks {
  /**
   * Does it get on with its work? A process that does not is restarted, so this is false only of what a restart
   * mends: never because Redis or Botpress is away, or all processes would go down with it.
   */
  readonly alive: () => Health;
  /** May it be given work now? */
  readonly ready: () => Health | Promise<Health>;
  /** Has it come up? From then on it stays so. */
  readonly started: () => Health;
}

/** Answers `/healthz` (alive), `/readyz` and `/startedz`, each with 200, or 503 and the reason. */
export function mountHealth(app: Application, { alive, ready, started }: HealthChecks): void {
  app.get('/healthz', (_request, response) => sendHealth(response, alive()));
  app.get('/readyz', async (_request, response) => sendHealth(response, await ready()));
  app.get('/startedz', (_request, response) => sendHealth(response, started()));
}

/** Fine, or the reason if there is one. */
export function toHealth(why: string | undefined): Health {
  return why === undefined ? { ok: true } : { ok: false, why };
}

/** Answers 200 or 503, with the reason in words. */
export function sendHealth(response: Response, health: Health): void {
  response.status(health.ok ? 200 : 503).json(health);
}
