import express, { type NextFunction, type Request, type Response, Router } from 'express';
import type { Sandbox } from '../sandbox.ts';
import { createBotRoutes } from './bot-routes.ts';
import { createCallRoutes } from './call-routes.ts';
import { sendMistake } from './check.ts';
import { createFaultRoutes } from './fault-routes.ts';
import { createIntegrationRoutes } from './integration-routes.ts';
import { createLedgerRoutes } from './ledger-routes.ts';
import { createWaitRoute } from './wait-route.ts';

/** The sandbox's own API under `/sandbox`, and the answer to whatever else it does not have. */
export function createControlRoutes(sandbox: Sandbox): Router {
  const router = Router();
  // Any content-type: `curl -d` says it sends a form.
  router.use('/sandbox', express.json({ limit: '4mb', type: () => true }));
  for (const create of [
    createFaultRoutes,
    createBotRoutes,
    createIntegrationRoutes,
    createLedgerRoutes,
    createCallRoutes,
    createWaitRoute,
  ]) {
    router.use('/sandbox', create(sandbox));
  }
  router.use((request, response) => {
    sendMistake(response, 404, `the sandbox has no ${request.method} ${request.path}`);
  });
  router.use(handleError);
  return router;
}

/** Express knows an error handler by its four parameters. */
function handleError(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = statusOf(error);
  const message = error instanceof Error && status < 500 ? error.message : 'the sandbox failed';
  if (status >= 500) process.stderr.write(`sandbox: ${error instanceof Error ? error.stack : error}\n`);
  sendMistake(response, status, message);
}

/** Middleware marks the mistakes of callers, such as a body that is not JSON, with their status. */
function statusOf(error: unknown): number {
  const status = (error as { status?: unknown } | undefined)?.status;
  return typeof status === 'number' ? status : 500;
}
