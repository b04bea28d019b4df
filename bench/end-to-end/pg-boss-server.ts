import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { SECRET } from '../shops.ts';
import { ORDERS, openPgBoss } from './open-pg-boss.ts';

/** Express and `boss.send` before the answer. */
const boss = await openPgBoss(process.argv[2] ?? '', process.argv[3] ?? '');
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
    await boss.send(ORDERS, { webhookId: request.get('x-shopify-webhook-id'), body: body.toString() });
    response.sendStatus(200);
  },
);

const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
