import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type HealthChecks, type Logger, mountHealth } from '@sluice/observability';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import { answerFailure } from './answer-failure.ts';
import { handleHandshake } from './handle-handshake.ts';
import { handleWebhook, type WebhookHandling } from './handle-webhook.ts';

export interface IngestServerOptions {
  /** Read anew for each request, for the connections may be reloaded. */
  readonly handling: () => WebhookHandling;
  readonly health: HealthChecks;
  readonly logger: Logger;
  /** Milliseconds until headers, and until a whole request, must be there; else 408. */
  readonly headersTimeout: number;
  readonly requestTimeout: number;
}

/** Milliseconds between two looks for requests past their timeout; Node's own 30 s would make 5 s 35. */
const TIMEOUT_CHECKS = 1_000;

/**
 * Makes the webhook edge. Not started. No body parser: the webhook route reads raw bytes itself.
 *
 * Webhooks at an address as it is given out go past Express, whose way to a route costs as much as verifying
 * the signature; whatever else comes, and the same address written in another way, goes through it.
 */
export function createIngestServer(options: IngestServerOptions): Server {
  const app = createApp(options);
  return createServer(
    {
      headersTimeout: options.headersTimeout,
      requestTimeout: options.requestTimeout,
      connectionsCheckingInterval: TIMEOUT_CHECKS,
    },
    (request, response) => {
      const address = request.method === 'POST' ? PLAIN_PATH.exec(request.url ?? '')?.[1] : undefined;
      if (address === undefined) app(request, response);
      else void handlePlainly(options, address, request, response);
    },
  );
}

async function handlePlainly(
  { handling, logger }: IngestServerOptions,
  address: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await handleWebhook(handling(), address, request, response);
  } catch (error) {
    answerFailure(response, error, logger);
  }
}

function createApp(options: IngestServerOptions): Express {
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
  mountHealth(app, options.health);
  app.use((_request, response) => {
    response.status(404).json({ error: 'not_found', message: 'webhooks go to /webhooks/<connection id>' });
  });
  // Express knows a handler of errors by its four parameters.
  const answerError: ErrorRequestHandler = (error, _request, response, _next) =>
    answerFailure(response, error, options.logger);
  app.use(answerError);
  return app;
}

/** What connections and sources may be called: nothing else, however it is escaped, is an address. */
const ADDRESS = /^[a-z0-9-]{1,63}$/;

/** The address of a webhook, nothing in it escaped, with or without a query. */
const PLAIN_PATH = /^\/webhooks\/([a-z0-9-]{1,63})(?:\?|$)/;

function addressOf({ params: { address } }: Request): string | undefined {
  return typeof address === 'string' && ADDRESS.test(address) ? address : undefined;
}
