import { createServer, type Server } from 'node:http';
import { type Health, type Logger, sendHealth } from '@sluice/observability';
import express, { type ErrorRequestHandler, type Request } from 'express';
import { handleHandshake } from './handle-handshake.ts';
import { handleWebhook, type WebhookHandling } from './handle-webhook.ts';

export interface IngestServerOptions {
  /** Read anew for each request, for the connections may be reloaded. */
  readonly handling: () => WebhookHandling;
  readonly ready: () => Health;
  readonly logger: Logger;
  /** Milliseconds until headers, and until a whole request, must be there; else 408. */
  readonly headersTimeout: number;
  readonly requestTimeout: number;
}

/** Milliseconds between two looks for requests past their timeout; Node's own 30 s would make 5 s 35. */
const TIMEOUT_CHECKS = 1_000;

/** Makes the webhook edge. Not started. No body parser: the webhook route reads raw bytes itself. */
export function createIngestServer(options: IngestServerOptions): Server {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.post('/webhooks/:address', (request, response, next) => {
    const address = addressOf(request);
    return address === undefined ? next() : handleWebhook(options.handling(), address, request, response);
  });
  app.get('/webhooks/:address', (request, response, next) => {
    const address = addressOf(request);
    if (address === undefined) next();
    else handleHandshake(options.handling().connections, address, request, response);
  });
  app.get('/healthz', (_request, response) => sendHealth(response, { ok: true }));
  app.get('/readyz', (_request, response) => sendHealth(response, options.ready()));
  app.use((_request, response) => {
    response.status(404).json({ error: 'not_found', message: 'webhooks go to /webhooks/<connection id>' });
  });
  app.use(answerError(options.logger));
  return createServer(
    {
      headersTimeout: options.headersTimeout,
      requestTimeout: options.requestTimeout,
      connectionsCheckingInterval: TIMEOUT_CHECKS,
    },
    app,
  );
}

/** What connections and sources may be called: nothing else, however it is escaped, is an address. */
const ADDRESS = /^[a-z0-9-]{1,63}$/;

function addressOf({ params: { address } }: Request): string | undefined {
  return typeof address === 'string' && ADDRESS.test(address) ? address : undefined;
}

/** Whatever a step did not foresee: 4xx if it is the request's fault (a broken %-escape), else 503, to be resent. */
function answerError(logger: Logger): ErrorRequestHandler {
  return (error: { status?: number; name?: string; stack?: string }, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = error.status !== undefined && error.status < 500 ? error.status : 503;
    if (status === 503) logger.error({ error: error.name, stack: error.stack }, 'webhook.failed');
    response.status(status).json({ error: status === 503 ? 'unavailable' : 'malformed' });
  };
}
