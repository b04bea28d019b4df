import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSourceRegistry, type SourceDefinition, verifyWebhook } from '@sluice/events';

export interface Received {
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
  readonly verified: boolean;
}

export interface FakeIngest {
  readonly url: string;
  readonly received: Received[];
  /** Opened TCP connections, and the maximum of concurrent requests. */
  readonly load: { sockets: number; maxConcurrent: number };
  close(): Promise<void>;
}

/** Returns the response to a request. */
export type Respond = (received: Received, index: number) => { status: number; body: string };

const accept: Respond = ({ verified }, index) =>
  verified
    ? { status: 200, body: JSON.stringify({ result: 'accepted', deliveries: [`dlv_${index}`] }) }
    : { status: 401, body: '' };

/** Starts an HTTP server that verifies Shopify signatures like ingest, with the secret of the demo. */
export async function startFakeIngest(respond: Respond = accept): Promise<FakeIngest> {
  const shopify = createSourceRegistry().get('shopify') as SourceDefinition;
  const received: Received[] = [];
  const load = { sockets: 0, maxConcurrent: 0 };
  let concurrent = 0;
  const server = createServer(async (request, response) => {
    load.maxConcurrent = Math.max(load.maxConcurrent, ++concurrent);
    const body = Buffer.concat(await request.toArray());
    const headers = request.headers as Record<string, string>;
    const { ok: verified } = verifyWebhook(
      shopify,
      { headers, body, receivedAt: 0 },
      { secrets: ['shopify-demo-secret'], settings: { shopName: 'demo-shop' } },
    );
    const webhook = {
      path: `${request.method} ${request.url}`,
      body: body.toString('utf8'),
      headers,
      verified,
    };
    received.push(webhook);
    const { status, body: text } = respond(webhook, received.length);
    concurrent--;
    response.writeHead(status).end(text);
  });
  server.on('connection', () => load.sockets++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    load,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
