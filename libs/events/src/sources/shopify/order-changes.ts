import { z } from 'zod';
import { defineEvent, type MapContext } from '../../define-event.ts';
import { withoutNulls } from '../../without-nulls.ts';
import { mapOrder, order, orderPayload, text } from './order.ts';
import type { ShopifySettings } from './settings.ts';

const input = order.extend({
  updated_at: text,
  financial_status: text,
  fulfillment_status: text,
  cancelled_at: text,
  cancel_reason: text,
  closed_at: text,
});

/** Where the order stands; open texts, for Shopify adds to its lists. */
const standing = {
  updated_at: z.string().optional().describe('When the order was last changed, ISO 8601'),
  financial_status: z.string().optional().describe('pending, authorized, paid, refunded, voided, …'),
  fulfillment_status: z.string().optional().describe('fulfilled, partial, …; missing while nothing is sent'),
  cancelled_at: z.string().optional().describe('When the order was cancelled, ISO 8601'),
  cancel_reason: z.string().optional().describe('customer, inventory, fraud, declined, staff or other'),
  closed_at: z.string().optional().describe('When the order was closed, ISO 8601'),
};

/** An event about an order that was there before: the order, and where it stands now. */
function defineOrderChange(change: { name: string; title: string; description: string; topic: string }) {
  const type = `shopify:${change.name}`;
  return defineEvent({
    ...change,
    input,
    schema: z.object({ type: z.literal(type).optional(), ...orderPayload, ...standing }),
    map: (changed: z.output<typeof input>, { settings }: MapContext<ShopifySettings>) => ({
      type,
      ...mapOrder(changed, settings),
      ...withoutNulls({
        updated_at: changed.updated_at,
        financial_status: changed.financial_status,
        fulfillment_status: changed.fulfillment_status,
        cancelled_at: changed.cancelled_at,
        cancel_reason: changed.cancel_reason,
        closed_at: changed.closed_at,
      }),
    }),
  });
}

/** Shopify keeps no order among these: an update may come before the creation that it follows. */
export const orderChanges = [
  defineOrderChange({
    name: 'orderUpdated',
    title: 'Order updated',
    description: 'Something about an order changed; payments, cancellations and shipments also come as this.',
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
    description: 'Everything in an order was sent.',
    topic: 'orders/fulfilled',
  }),
  defineOrderChange({
    name: 'orderPartiallyFulfilled',
    title: 'Order partially fulfilled',
    description: 'Part of an order was sent.',
    topic: 'orders/partially_fulfilled',
  }),
];
