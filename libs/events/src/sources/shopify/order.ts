import { z } from 'zod';
import { withoutNulls } from '../../without-nulls.ts';
import type { ShopifySettings } from './settings.ts';

/** Money is text on the wire. What may be absent or null is what real orders lack or null. */
export const text = z.string().nullish();

/** An order as Shopify sends it; with `include_fields` anything but the id may be missing. */
export const order = z.looseObject({
  id: z.number(),
  admin_graphql_api_id: text,
  confirmation_number: text,
  created_at: text,
  currency: text,
  current_subtotal_price: text,
  current_total_discounts: text,
  current_total_price: text,
  current_total_tax: text,
  customer_locale: text,
  order_status_url: text,
});

/** What every event about an order tells of it. */
export const orderPayload = {
  order_id: z.number().describe('Id of the order; rounded above 2^53, where order_gid stays exact'),
  order_gid: z.string().optional().describe('Exact id of the order: gid://shopify/Order/…'),
  shopName: z.string().describe("Name of the shop, from the connection's settings"),
  confirmation_number: z.string().optional().describe('What the customer sees as confirmation'),
  created_at: z.string().optional().describe('When the order was created, ISO 8601'),
  currency: z.string().optional(),
  current_subtotal_price: z.string().optional(),
  current_total_discounts: z.string().optional(),
  current_total_price: z.string().optional(),
  current_total_tax: z.string().optional(),
  customer_locale: z.string().optional(),
  order_status_url: z.string().optional(),
  fullBody: z.record(z.string(), z.unknown()).describe('The whole order, as Shopify sent it'),
};

/** Maps an order to `orderPayload`, nulls left out. */
export function mapOrder(input: z.output<typeof order>, { shopName }: ShopifySettings) {
  return {
    order_id: input.id,
    shopName,
    fullBody: input,
    ...withoutNulls({
      order_gid: input.admin_graphql_api_id,
      confirmation_number: input.confirmation_number,
      created_at: input.created_at,
      currency: input.currency,
      current_subtotal_price: input.current_subtotal_price,
      current_total_discounts: input.current_total_discounts,
      current_total_price: input.current_total_price,
      current_total_tax: input.current_total_tax,
      customer_locale: input.customer_locale,
      order_status_url: input.order_status_url,
    }),
  };
}

/** The exact id of an order of which only the number is sent; none where the number has been rounded. */
export function orderGid(id: number): { order_gid?: string } {
  return Number.isSafeInteger(id) ? { order_gid: `gid://shopify/Order/${id}` } : {};
}
