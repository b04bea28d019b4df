import { z } from 'zod';
import { defineEvent, type MapContext } from '../../define-event.ts';
import { withoutNulls } from '../../without-nulls.ts';
import type { ShopifySettings } from './settings.ts';

const TYPE = 'shopify:newOrderCreated' as const;

/** Money is text on the wire. What may be absent or null is what real orders lack or null. */
const text = z.string().nullish();

const order = z.looseObject({
  id: z.number(),
  admin_graphql_api_id: text,
  confirmation_number: text,
  created_at: z.string(),
  currency: text,
  current_subtotal_price: text,
  current_total_discounts: text,
  current_total_price: text,
  current_total_tax: text,
  customer_locale: text,
  order_status_url: text,
});

const payload = z.object({
  type: z.literal(TYPE).optional(),
  order_id: z.number().describe('Id of the order; rounded above 2^53, where order_gid stays exact'),
  order_gid: z.string().optional().describe('Exact id of the order: gid://shopify/Order/…'),
  shopName: z.string().describe("Name of the shop, from the connection's settings"),
  confirmation_number: z.string().optional().describe('What the customer sees as confirmation'),
  created_at: z.string().describe('When the order was created, ISO 8601'),
  currency: z.string().optional(),
  current_subtotal_price: z.string().optional(),
  current_total_discounts: z.string().optional(),
  current_total_price: z.string().optional(),
  current_total_tax: z.string().optional(),
  customer_locale: z.string().optional(),
  order_status_url: z.string().optional(),
  fullBody: z.record(z.string(), z.unknown()).describe('The whole order, as Shopify sent it'),
});

/** The event of Botpress' documented example, with what real orders lack made optional and the exact id added. */
export const newOrderCreated = defineEvent({
  name: 'newOrderCreated',
  title: 'New order created',
  description: 'A customer placed an order in the shop.',
  topic: 'orders/create',
  input: order,
  schema: payload,
  map: (input: z.output<typeof order>, { settings }: MapContext<ShopifySettings>) => ({
    type: TYPE,
    order_id: input.id,
    shopName: settings.shopName,
    created_at: input.created_at,
    fullBody: input,
    ...withoutNulls({
      order_gid: input.admin_graphql_api_id,
      confirmation_number: input.confirmation_number,
      currency: input.currency,
      current_subtotal_price: input.current_subtotal_price,
      current_total_discounts: input.current_total_discounts,
      current_total_price: input.current_total_price,
      current_total_tax: input.current_total_tax,
      customer_locale: input.customer_locale,
      order_status_url: input.order_status_url,
    }),
  }),
});
