import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Connections } from '@sluice/config';
import { type HealthChecks, type Logger, mountHealth, stackFrames } from '@sluice/observability';
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import { findConnection } from './find-connection.ts';
import { handleWebhook, type WebhookDependencies } from './handle-webhook.ts';

export interface IngestServerOptions {
  /** Read for each request, because connections may be reloaded. */
  readonly dependencies: () => WebhookDependencies;
  readonly health: HealthChecks;
  readonly logger: Logger;
  /** Milliseconds until the headers, and until the whole request, must be received; else 408. */
  readonly headersTimeout: number;
  readonly requestTimeout: number;
}

/** Milliseconds between two checks for timed-out requests. Node's default of 30 s would turn 5 s into 35 s. */
const TIMEOUT_CHECK_INTERVAL = 1_000;

/**
 * Creates the server for webhooks and handshakes, not yet listening. It has no body parser: signatures are verified
 * over the raw bytes.
 *
 * Webhooks to a plain address bypass Express, whose routing costs as much as verifying the signature. Everything else,
 * and an address with escapes, goes through Express.
 */
export function createIngestServer(options: IngestServerOptions): Server {
  const app = createApp(options);
  return createServer(
    {
      headersTimeout: options.headersTimeout,
      requestTimeout: options.requestTimeout,
      connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL,
    },
    (request, response) => {
      const address = request.method === 'POST' ? PLAIN_PATH.exec(request.url ?? '')?.[1] : undefined;
      if (address === undefined) app(request, response);
      else void handleDirectly(options, address, request, response);
    },
  );
}

async function handleDirectly(
  { dependencies, logger }: IngestServerOptions,
  address: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await handleWebhook(dependencies(), address, request, response);
  } catch (error) {
    sendFailure(response, error, logger);
  }
}

function createApp(options: IngestServerOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.post('/webhooks/:address', (request, response, next) => {
    const address = addressOf(request);
    return address === undefined ? next() : handleWebhook(options.dependencies(), address, request, response);
  });
  app.get('/webhooks/:address', (request, response, next) => {
    const address = addressOf(request);
    if (address === undefined) next();
    else handleHandshake(options.dependencies().connections, address, request, response);
  });
  mountHealth(app, options.health);
  app.use((_request, response) => {
    response
      .status(404)
      .json({ error: 'not_found', message: 'Not found. Webhooks go to /webhooks/<connection id>.' });
  });
  // Express recognizes an error handler by its four parameters.
  const handleError: ErrorRequestHandler = (error, _request, response, _next) =>
    sendFailure(response, error, options.logger);
  app.use(handleError);
  return app;
}

/** Valid names of connections and sources. Any other address, escaped or not, is unknown. */
const ADDRESS = /^[a-z0-9-]{1,63}$/;

/** Path with an address without escapes, with or without a query. */
const PLAIN_PATH = /^\/webhooks\/([a-z0-9-]{1,63})(?:\?|$)/;

function addressOf({ params: { address } }: Request): string | undefined {
  return typeof address === 'string' && ADDRESS.test(address) ? address : undefined;
}

/** A handshake has only its query, so its connection is found by id alone. */
const NO_BODY = { headers: {}, body: Buffer.alloc(0), receivedAt: 0 };

/** Handles the GET by which a platform verifies an address: sends its challenge, or the same 403 for any reason. */
function handleHandshake(
  connections: Connections,
  address: string,
  request: Request,
  response: Response,
): void {
  const { connection } = findConnection(connections, address, NO_BODY);
  const { source, settings } = connection;
  const secrets = connection.secrets.map((secret) => secret.reveal());
  // Without URL, which throws for some valid request lines.
  const query = Object.fromEntries(new URLSearchParams(request.originalUrl.split('?', 2)[1]));
  const handshake = source.handshake?.(query, { secrets, settings }) ?? { ok: false };
  response.status(handshake.ok ? 200 : 403).type('text/plain');
  response.send(handshake.ok ? handshake.challenge : 'forbidden');
}

/**
 * Handles an unexpected error: 4xx for a client error (a broken %-escape), else 503, so that the sender resends. If the
 * response has begun, the connection is closed.
 */
function sendFailure(response: ServerResponse, error: unknown, logger: Logger): void {
  const { status: errorStatus, name }: { status?: number; name?: string } = Object(error);
  if (response.headersSent) return void response.destroy();
  const status = errorStatus !== undefined && errorStatus < 500 ? errorStatus : 503;
  if (status === 503) logger.error({ error: name, at: stackFrames(error) }, 'webhook.failed');
  const content = JSON.stringify({ error: status === 503 ? 'unavailable' : 'malformed' });
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': content.length });
  response.end(content);
}

/**
 * Prepares a graceful close. Call it before the server listens.
 *
 * @returns a function that stops listening and resolves when every request in progress has its response. The last
 * response on a keep-alive connection carries `Connection: close`. Node.js does not send it to connections with a
 * request in progress, and waits 5 s for each of them (measured).
 */
export function prepareClose(server: Server): () => Promise<void> {
  const pending = new Set<ServerResponse>();
  let isClosing = false;
  server.prependListener('request', (_request, response: ServerResponse) => {
    if (isClosing) response.shouldKeepAlive = false;
    pending.add(response);
    response.once('close', () => {
      pending.delete(response);
      // A response that had begun before the close could not carry the header.
      if (isClosing && pending.size === 0) server.closeIdleConnections();
    });
  });
  return async () => {
    isClosing = true;
    for (const response of pending) response.shouldKeepAlive = false;
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    await closed;
  };
}
