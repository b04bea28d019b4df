import { z } from 'zod';
import { defineEvent, type MapContext, withoutNulls } from '../../definitions/define-event.ts';
import { orderGid, orderPayload } from './order-events.ts';
import { composeOrder, type SampleBodies } from './order-samples.ts';
import type { ShopifySettings } from './settings.ts';

const text = z.string().nullish();

/** A refund names its order by number only. */
const refund = z.looseObject({
  id: z.number(),
  order_id: z.number(),
  admin_graphql_api_id: text,
  created_at: text,
  processed_at: text,
  note: text,
  restock: z.boolean().nullish(),
});

export const refundEvents = [
  defineEvent({
    name: 'refundCreated',
    title: 'Refund created',
    description: 'A refund of an order was created. The money may move later.',
    topic: 'refunds/create',
    input: refund,
    schema: z.object({
      refund_id: z.number().describe('Id of the refund; rounded above 2^53, unlike refund_gid'),
      refund_gid: z.string().optional().describe('Exact id of the refund: gid://shopify/Refund/…'),
      order_id: orderPayload.order_id,
      order_gid: orderPayload.order_gid,
      shopName: orderPayload.shopName,
      created_at: z.string().optional().describe('When the refund was created, ISO 8601'),
      processed_at: z.string().optional().describe('When the refund was processed, ISO 8601'),
      note: z.string().optional().describe('Reason that the staff entered'),
      restock: z.boolean().optional().describe('Whether the items return to stock'),
      fullBody: z
        .record(z.string(), z.unknown())
        .describe(
          'The whole refund, as Shopify sent it; transactions lists the payments, refund_line_items the items',
        ),
    }),
    map: (body: z.output<typeof refund>, { settings }: MapContext<ShopifySettings>) => ({
      refund_id: body.id,
      order_id: body.order_id,
      ...orderGid(body.order_id),
      shopName: settings.shopName,
      fullBody: body,
      ...withoutNulls({
        refund_gid: body.admin_graphql_api_id,
        created_at: body.created_at,
        processed_at: body.processed_at,
        note: body.note,
        restock: body.restock,
      }),
    }),
  }),
];

export const refundSamples: SampleBodies = { 'refunds/create': composeRefund };

/** Composes a refund of the first item of an order that was placed an hour earlier. */
function composeRefund(number: number, now: number, shop: string): Record<string, unknown> {
  const order = composeOrder(number, now - 3_600_000, shop);
  const [item] = order.line_items as readonly { id: number; price: string; price_set: object }[];
  const id = 920_000_000_000 + number;
  const at = new Date(now).toISOString();
  return {
    id,
    order_id: order.id,
    created_at: at,
    note: number % 2 === 0 ? null : 'Arrived damaged',
    user_id: null,
    processed_at: at,
    duties: [],
    return: null,
    restock: false,
    refund_shipping_lines: [],
    admin_graphql_api_id: `gid://shopify/Refund/${id}`,
    order_adjustments: [],
    refund_line_items: [
      {
        id: id * 10 + 1,
        quantity: 1,
        line_item_id: item?.id,
        location_id: null,
        restock_type: 'no_restock',
        subtotal: Number(item?.price),
        total_tax: 0,
        subtotal_set: item?.price_set,
        line_item: item,
      },
    ],
    transactions: [
      {
        id: id * 10 + 2,
        order_id: order.id,
        kind: 'refund',
        gateway: 'shopify_payments',
        status: 'success',
        message: null,
        created_at: at,
        test: true,
        parent_id: null,
        amount: item?.price,
        currency: 'EUR',
      },
    ],
  };
}
