import { z } from 'zod';
import { defineEvent, type MapContext } from '../../define-event.ts';
import { orderGid, orderPayload } from './order.ts';
import type { ShopifySettings } from './settings.ts';

const TYPE = 'shopify:orderDeleted' as const;

/** Shopify sends nothing of a deleted order but its number. */
const input = z.looseObject({ id: z.number() });

export const orderDeleted = defineEvent({
  name: 'orderDeleted',
  title: 'Order deleted',
  description: 'An order was deleted; nothing but its id is left.',
  topic: 'orders/delete',
  input,
  schema: z.object({
    type: z.literal(TYPE).optional(),
    order_id: orderPayload.order_id,
    order_gid: orderPayload.order_gid,
    shopName: orderPayload.shopName,
    fullBody: z.record(z.string(), z.unknown()).describe('The whole message, as Shopify sent it'),
  }),
  map: (deleted: z.output<typeof input>, { settings }: MapContext<ShopifySettings>) => ({
    type: TYPE,
    order_id: deleted.id,
    ...orderGid(deleted.id),
    shopName: settings.shopName,
    fullBody: deleted,
  }),
});
