import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express, { type Request } from 'express';
import { SECRET } from './shops.ts';

/**
 * Serves webhooks as one would with Express by its guide: the raw body, for its signature, and then what is done with it.
 * Sends its port to the parent process and ends with it.
 *
 * @param handle does something with a webhook whose signature is right, and says with which status it is answered
 */
export function serveSigned(handle: (request: Request, body: string) => Promise<number>): void {
  const app = express();
  app.post(
    '/webhooks/:shop',
    express.raw({ type: 'application/json', limit: '5mb' }),
    async (request, response) => {
      const body: Buffer = request.body;
      const expected = createHmac('sha256', SECRET).update(body).digest();
      const received = Buffer.from(request.get('x-shopify-hmac-sha256') ?? '', 'base64');
      if (received.length !== expected.length || !timingSafeEqual(received, expected)) {
        response.sendStatus(401);
        return;
      }
      response.sendStatus(await handle(request, body.toString()));
    },
  );
  const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.on('disconnect', () => process.exit());
}
