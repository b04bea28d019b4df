import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Client } from '@botpress/client';
import express from 'express';
import { CALLER, orderEvent } from '../order-event.ts';
import { SECRET } from '../shops.ts';

/** What a direct server is told at its start, as JSON in its first argument. */
export interface DirectOrders {
  readonly apiUrl: string;
  /** What becomes of a webhook whose event was not created. */
  readonly onError: 'answer 500' | 'swallow';
}

/** A handler without a queue: it creates the event within the request, by the client as it comes. */
const { apiUrl, onError }: DirectOrders = JSON.parse(process.argv[2] ?? '{}');
const client = new Client({ apiUrl, ...CALLER });
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
    try {
      await client.createEvent(orderEvent(request.get('x-shopify-webhook-id') ?? '', body.toString()));
    } catch {
      if (onError === 'answer 500') {
        response.sendStatus(500);
        return;
      }
    }
    response.sendStatus(200);
  },
);

const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
