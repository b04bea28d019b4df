import { z } from 'zod';
import { defineEvent, type MapContext, withoutNulls } from '../../definitions/define-event.ts';
import { shopifyHeader } from './headers.ts';
import { mapOrderSummary, orderSummaryPayload } from './order-summary.ts';
import type { ShopifySettings } from './settings.ts';

/** Optional text; money is text on the wire. Real orders lack these fields or send null. */
const text = z.string().nullish();

/** An order as Shopify sends it. With `include_fields` every field but the id may be missing. */
const order = z.looseObject({
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

/** The payload fields of every event about a whole order. */
export const orderPayload = {
  order_id: z.number().describe('Id of the order; rounded above 2^53, unlike order_gid'),
  order_gid: z.string().optional().describe('Exact id of the order: gid://shopify/Order/…'),
  shopName: z.string().describe("Name of the shop, from the connection's settings"),
  shop_domain: z.string().optional().describe('Domain of the shop: ….myshopify.com'),
  ...orderSummaryPayload,
  confirmation_number: z.string().optional().describe('Confirmation number that the customer sees'),
  created_at: z.string().optional().describe('When the order was created, ISO 8601'),
  currency: z.string().optional().describe('Currency code of the amounts, like EUR'),
  current_subtotal_price: z
    .string()
    .optional()
    .describe('Current price of all items after discounts, without shipping; decimal text'),
  current_total_discounts: z.string().optional().describe('Current sum of all discounts; decimal text'),
  current_total_price: z
    .string()
    .optional()
    .describe('Current total price with taxes and shipping; decimal text'),
  current_total_tax: z.string().optional().describe('Current sum of all taxes; decimal text'),
  customer_locale: z.string().optional().describe('Language of the customer, like en or pt-BR'),
  order_status_url: z.string().optional().describe('Page on which the customer sees the state of the order'),
  fullBody: z.record(z.string(), z.unknown()).describe('The whole order, as Shopify sent it'),
};

/** Maps an order to `orderPayload`, without nulls. */
function mapOrder(input: z.output<typeof order>, context: MapContext<ShopifySettings>) {
  return {
    order_id: input.id,
    ...mapShop(context),
    fullBody: input,
    ...mapOrderSummary(input),
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

/** Maps the shop of a delivery to `shopName` and `shop_domain`. */
function mapShop({ settings, delivery }: MapContext<ShopifySettings>) {
  const shop_domain = shopifyHeader(delivery, 'shop-domain');
  return { shopName: settings.shopName, ...(shop_domain ? { shop_domain } : {}) };
}

/** Returns the exact id of an order sent as a number only; nothing if the number has been rounded. */
export function orderGid(id: number): { order_gid?: string } {
  return Number.isSafeInteger(id) ? { order_gid: `gid://shopify/Order/${id}` } : {};
}

const createdOrder = order.extend({ created_at: z.string() });

/**
 * The event of Botpress' documented example. Fields that real orders lack are optional, and the exact id is
 * added. The example's `type` is omitted: the name of the installed integration, part of it, is not known here.
 */
const newOrderCreated = defineEvent({
  name: 'newOrderCreated',
  title: 'New order created',
  description: 'A customer placed an order in the shop.',
  topic: 'orders/create',
  input: createdOrder,
  schema: z.object({
    ...orderPayload,
    created_at: z.string().describe('When the order was created, ISO 8601'),
  }),
  map: (body: z.output<typeof createdOrder>, context: MapContext<ShopifySettings>) => ({
    ...mapOrder(body, context),
    created_at: body.created_at,
  }),
});

const changedOrder = order.extend({
  updated_at: text,
  financial_status: text,
  fulfillment_status: text,
  cancelled_at: text,
  cancel_reason: text,
  closed_at: text,
});

/** The status of an order. Plain strings, not enums: Shopify adds values. */
const orderStatus = {
  updated_at: z.string().optional().describe('When the order was last changed, ISO 8601'),
  financial_status: z.string().optional().describe('pending, authorized, paid, refunded, voided, …'),
  fulfillment_status: z
    .string()
    .optional()
    .describe('fulfilled, partial, …; absent before the first shipment'),
  cancelled_at: z.string().optional().describe('When the order was cancelled, ISO 8601'),
  cancel_reason: z.string().optional().describe('customer, inventory, fraud, declined, staff or other'),
  closed_at: z.string().optional().describe('When the order was closed, ISO 8601'),
};

/** Defines an event about a change of an order: the order and its current status. */
function defineOrderChange(change: { name: string; title: string; description: string; topic: string }) {
  return defineEvent({
    ...change,
    input: changedOrder,
    schema: z.object({ ...orderPayload, ...orderStatus }),
    map: (body: z.output<typeof changedOrder>, context: MapContext<ShopifySettings>) => ({
      ...mapOrder(body, context),
      ...withoutNulls({
        updated_at: body.updated_at,
        financial_status: body.financial_status,
        fulfillment_status: body.fulfillment_status,
        cancelled_at: body.cancelled_at,
        cancel_reason: body.cancel_reason,
        closed_at: body.closed_at,
      }),
    }),
  });
}

/** Shopify does not guarantee their order: an update may arrive before the creation. */
const orderChanges = [
  defineOrderChange({
    name: 'orderUpdated',
    title: 'Order updated',
    description: 'An order changed. Payments, cancellations and shipments also trigger this event.',
    topic: 'orders/updated',
  }),
  defineOrderChange({
    name: 'orderPaid',
    title: 'Order paid',
    description: 'An order was paid in full.',
    topic: 'orders/paid',
  }),
  defineOrderChange({
    name: 'orderCancelled',
    title: 'Order cancelled',
    description: 'An order was cancelled.',
    topic: 'orders/cancelled',
  }),
  defineOrderChange({
    name: 'orderFulfilled',
    title: 'Order fulfilled',
    description: 'All items of an order were shipped.',
    topic: 'orders/fulfilled',
  }),
  defineOrderChange({
    name: 'orderPartiallyFulfilled',
    title: 'Order partially fulfilled',
    description: 'Some items of an order were shipped.',
    topic: 'orders/partially_fulfilled',
  }),
];

/** Shopify sends only the number of a deleted order. */
const deletedOrder = z.looseObject({ id: z.number() });

const orderDeleted = defineEvent({
  name: 'orderDeleted',
  title: 'Order deleted',
  description: 'An order was deleted. Shopify sends only its id.',
  topic: 'orders/delete',
  input: deletedOrder,
  schema: z.object({
    order_id: orderPayload.order_id,
    order_gid: orderPayload.order_gid,
    shopName: orderPayload.shopName,
    shop_domain: orderPayload.shop_domain,
    fullBody: z.record(z.string(), z.unknown()).describe('The whole message, as Shopify sent it'),
  }),
  map: (body: z.output<typeof deletedOrder>, context: MapContext<ShopifySettings>) => ({
    order_id: body.id,
    ...orderGid(body.id),
    ...mapShop(context),
    fullBody: body,
  }),
});

/** Unlike other order topics, the body holds the edit, and of the order only its number. */
const editedOrder = z.looseObject({
  order_edit: z.looseObject({
    id: z.number(),
    order_id: z.number(),
    created_at: text,
    committed_at: text,
    notify_customer: z.boolean().nullish(),
    staff_note: text,
  }),
});

const orderEdited = defineEvent({
  name: 'orderEdited',
  title: 'Order edited',
  description: 'The lines, discounts or shipping of an order were edited.',
  topic: 'orders/edited',
  input: editedOrder,
  schema: z.object({
    order_id: orderPayload.order_id,
    order_gid: orderPayload.order_gid,
    order_edit_id: z.number().describe('Id of the edit'),
    shopName: orderPayload.shopName,
    shop_domain: orderPayload.shop_domain,
    created_at: z.string().optional().describe('When the edit was started, ISO 8601'),
    committed_at: z.string().optional().describe('When the edit was committed, ISO 8601'),
    notify_customer: z.boolean().optional().describe('Whether Shopify notifies the customer'),
    staff_note: z.string().optional().describe('Note of the staff on the edit'),
    fullBody: z
      .record(z.string(), z.unknown())
      .describe('The whole message, as Shopify sent it; order_edit lists what was added and removed'),
  }),
  map: (body: z.output<typeof editedOrder>, context: MapContext<ShopifySettings>) => ({
    order_id: body.order_edit.order_id,
    ...orderGid(body.order_edit.order_id),
    order_edit_id: body.order_edit.id,
    ...mapShop(context),
    fullBody: body,
    ...withoutNulls({
      created_at: body.order_edit.created_at,
      committed_at: body.order_edit.committed_at,
      notify_customer: body.order_edit.notify_customer,
      staff_note: body.order_edit.staff_note,
    }),
  }),
});

export const orderEvents = [newOrderCreated, ...orderChanges, orderDeleted, orderEdited];
