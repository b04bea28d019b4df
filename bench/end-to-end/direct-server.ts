import { Client } from '@botpress/client';
import { CALLER, orderEvent } from '../order-event.ts';
import { serveSigned } from '../serve-signed.ts';

/** Orders of a direct server, as JSON in its first argument. */
export interface DirectOrders {
  readonly apiUrl: string;
  /** What becomes of a webhook whose event was not created. */
  readonly onError: 'answer 500' | 'swallow';
}

/** A handler without a queue: it creates the event within the request, by the client as it comes. */
const { apiUrl, onError }: DirectOrders = JSON.parse(process.argv[2] ?? '{}');
const client = new Client({ apiUrl, ...CALLER });

serveSigned(async (request, body) => {
  try {
    await client.createEvent(orderEvent(request.get('x-shopify-webhook-id') ?? '', body));
  } catch {
    if (onError === 'answer 500') return 500;
  }
  return 200;
});
