import { z } from 'zod';
import { defineEvent, type MapContext } from '../../define-event.ts';
import { withoutNulls } from '../../without-nulls.ts';
import { orderGid, orderPayload, text } from './order.ts';
import type { ShopifySettings } from './settings.ts';

const TYPE = 'shopify:orderEdited' as const;

/** Another body than that of the other order topics: the edit, and of the order only its number. */
const input = z.looseObject({
  order_edit: z.looseObject({
    id: z.number(),
    order_id: z.number(),
    created_at: text,
    committed_at: text,
    notify_customer: z.boolean().nullish(),
    staff_note: text,
  }),
});

export const orderEdited = defineEvent({
  name: 'orderEdited',
  title: 'Order edited',
  description: 'Somebody edited the lines, discounts or shipping of an order.',
  topic: 'orders/edited',
  input,
  schema: z.object({
    type: z.literal(TYPE).optional(),
    order_id: orderPayload.order_id,
    order_gid: orderPayload.order_gid,
    order_edit_id: z.number().describe('Id of the edit'),
    shopName: orderPayload.shopName,
    created_at: z.string().optional().describe('When the edit was begun, ISO 8601'),
    committed_at: z.string().optional().describe('When the edit was made, ISO 8601'),
    notify_customer: z.boolean().optional().describe('Whether Shopify tells the customer'),
    staff_note: z.string().optional(),
    fullBody: z
      .record(z.string(), z.unknown())
      .describe('The whole message, as Shopify sent it: what was added and removed is in its order_edit'),
  }),
  map: (body: z.output<typeof input>, { settings }: MapContext<ShopifySettings>) => ({
    type: TYPE,
    order_id: body.order_edit.order_id,
    ...orderGid(body.order_edit.order_id),
    order_edit_id: body.order_edit.id,
    shopName: settings.shopName,
    fullBody: body,
    ...withoutNulls({
      created_at: body.order_edit.created_at,
      committed_at: body.order_edit.committed_at,
      notify_customer: body.order_edit.notify_customer,
      staff_note: body.order_edit.staff_note,
    }),
  }),
});
