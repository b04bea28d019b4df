import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createControlRoutes } from './control/routes.ts';
import { serveCreateEvent } from './create-event.ts';
import { createRuntimeRoutes } from './runtime-routes.ts';
import type { Sandbox } from './sandbox.ts';

/** Longer than callers keep an idle connection; otherwise the close would race with their next request. */
const KEEP_ALIVE_MS = 120_000;

const CREATE_EVENT_URL = /^\/v1\/chat\/events(\?|$)/;

export interface RunningServer {
  /** e.g. `http://127.0.0.1:3002` */
  readonly url: string;
  /** Sends held responses, ends waits, closes all connections and writes the journal. */
  close(): Promise<void>;
}

/** Starts to listen; port 0 selects a free port. Rejects with Node's error, e.g. `EADDRINUSE`. */
export async function startServer(
  sandbox: Sandbox,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<RunningServer> {
  const server = createSandboxServer(sandbox);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { url: urlOf(server), close: () => closeServer(server, sandbox) };
}

function createSandboxServer(sandbox: Sandbox): Server {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.use(createRuntimeRoutes(sandbox));
  app.use(createControlRoutes(sandbox));
  const server = createServer((request, response) => {
    const isCreateEvent = request.method === 'POST' && CREATE_EVENT_URL.test(request.url ?? '');
    if (isCreateEvent) serveCreateEvent(sandbox, request, response);
    else app(request, response);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = KEEP_ALIVE_MS + 1_000;
  return server;
}

async function closeServer(server: Server, sandbox: Sandbox): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  sandbox.faults.clear();
  sandbox.waits.close();
  // Held responses reach their sockets in this turn of the event loop. Then hanging connections are closed.
  await new Promise<void>((resolve) => setImmediate(resolve));
  server.closeAllConnections();
  await closed;
  await sandbox.close();
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
