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
  /** How many TCP connections were opened, and how many requests were at work at once at most. */
  readonly seen: { sockets: number; atOnce: number };
  close(): Promise<void>;
}

/** What to answer; the body as text. */
export type Respond = (received: Received, index: number) => { status: number; body: string };

const accept: Respond = ({ verified }, index) =>
  verified
    ? { status: 200, body: JSON.stringify({ result: 'accepted', deliveries: [`dlv_${index}`] }) }
    : { status: 401, body: '' };

/** A real HTTP server that verifies Shopify's signature as ingest does, with the demo's secret. */
export async function startFakeIngest(respond: Respond = accept): Promise<FakeIngest> {
  const shopify = createSourceRegistry().get('shopify') as SourceDefinition;
  const received: Received[] = [];
  const seen = { sockets: 0, atOnce: 0 };
  let atOnce = 0;
  const server = createServer(async (request, response) => {
    seen.atOnce = Math.max(seen.atOnce, ++atOnce);
    const body = Buffer.concat(await request.toArray());
    const headers = request.headers as Record<string, string>;
    const { ok: verified } = verifyWebhook(
      shopify,
      { headers, body, receivedAt: 0 },
      { secrets: ['shopify-demo-secret'], settings: { shopName: 'demo-shop' } },
    );
    const one = { path: `${request.method} ${request.url}`, body: body.toString('utf8'), headers, verified };
    received.push(one);
    const answer = respond(one, received.length);
    atOnce--;
    response.writeHead(answer.status).end(answer.body);
  });
  server.on('connection', () => seen.sockets++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
