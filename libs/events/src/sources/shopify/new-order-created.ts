import { z } from 'zod';
import { defineEvent, type MapContext } from '../../define-event.ts';
import { mapOrder, order, orderPayload } from './order.ts';
import type { ShopifySettings } from './settings.ts';

const TYPE = 'shopify:newOrderCreated' as const;

const input = order.extend({ created_at: z.string() });

/** The event of Botpress' documented example, with what real orders lack made optional and the exact id added. */
export const newOrderCreated = defineEvent({
  name: 'newOrderCreated',
  title: 'New order created',
  description: 'A customer placed an order in the shop.',
  topic: 'orders/create',
  input,
  schema: z.object({
    type: z.literal(TYPE).optional(),
    ...orderPayload,
    created_at: z.string().describe('When the order was created, ISO 8601'),
  }),
  map: (created: z.output<typeof input>, { settings }: MapContext<ShopifySettings>) => ({
    type: TYPE,
    ...mapOrder(created, settings),
    created_at: created.created_at,
  }),
});
