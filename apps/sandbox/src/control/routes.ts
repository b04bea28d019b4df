import express, { type NextFunction, type Request, type Response, Router } from 'express';
import type { Sandbox } from '../sandbox.ts';
import {
  createCallRoutes,
  createLedgerRoutes,
  createRecordRoutes,
  createWaitRoute,
  createWorkspaceRoute,
} from './observation-routes.ts';
import {
  createBotRoutes,
  createFaultRoutes,
  createIntegrationRoutes,
  createModeRoutes,
  createStatusRoutes,
} from './setup-routes.ts';
import { sendError } from './validate.ts';

/** Creates the control API under `/sandbox`, and the 404 response for all other routes. */
export function createControlRoutes(sandbox: Sandbox): Router {
  const router = Router();
  // Any content-type, because `curl -d` sends that of a form.
  router.use('/sandbox', express.json({ limit: '4mb', type: () => true }));
  for (const create of [
    createFaultRoutes,
    createStatusRoutes,
    createModeRoutes,
    createBotRoutes,
    createIntegrationRoutes,
    createLedgerRoutes,
    createRecordRoutes,
    createCallRoutes,
    createWaitRoute,
    createWorkspaceRoute,
  ]) {
    router.use('/sandbox', create(sandbox));
  }
  router.use((request, response) => {
    sendError(response, 404, `The sandbox has no route ${request.method} ${request.path}.`);
  });
  router.use(handleError);
  return router;
}

/** Express recognizes an error handler by its four parameters. */
function handleError(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = statusOf(error);
  const message = error instanceof Error && status < 500 ? error.message : 'Internal error of the sandbox.';
  if (status >= 500) process.stderr.write(`sandbox: ${error instanceof Error ? error.stack : error}\n`);
  sendError(response, status, message);
}

/** Middleware sets the status of errors in a request, such as a body that is not JSON. */
function statusOf(error: unknown): number {
  const status = (error as { status?: unknown } | undefined)?.status;
  return typeof status === 'number' ? status : 500;
}
