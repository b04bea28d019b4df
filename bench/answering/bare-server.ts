import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SECRET } from '../shops.ts';

// The least that answers webhooks: verifies the signature and stores nothing.
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const expected = createHmac('sha256', SECRET).update(Buffer.concat(chunks)).digest();
    const received = Buffer.from(String(request.headers['x-shopify-hmac-sha256'] ?? ''), 'base64');
    const verified = received.length === expected.length && timingSafeEqual(received, expected);
    response.writeHead(verified ? 200 : 401, { 'content-length': 0 }).end();
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
