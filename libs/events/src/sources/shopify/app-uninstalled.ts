import { z } from 'zod';
import { defineEvent, type MapContext } from '../../define-event.ts';
import { withoutNulls } from '../../without-nulls.ts';
import { shopifyHeader } from './headers.ts';
import { text } from './order.ts';
import type { ShopifySettings } from './settings.ts';

const TYPE = 'shopify:appUninstalled' as const;

/** The body is the shop; `myshopify_domain` is null in Shopify's own test webhooks. */
const input = z.looseObject({
  id: z.number().nullish(),
  name: text,
  email: text,
  myshopify_domain: text,
  plan_name: text,
});

export const appUninstalled = defineEvent({
  name: 'appUninstalled',
  title: 'App uninstalled',
  description: 'The shop uninstalled the app; its webhooks end, but for shop/redact 48 hours later.',
  topic: 'app/uninstalled',
  input,
  schema: z.object({
    type: z.literal(TYPE).optional(),
    shopName: z.string().describe("Name of the shop, from the connection's settings"),
    shop_id: z.number().optional().describe('Id of the shop'),
    shop_domain: z.string().optional().describe('Domain of the shop: ….myshopify.com'),
    name: z.string().optional().describe('Name of the shop, from Shopify'),
    email: z.string().optional().describe('Where Shopify reaches the shop'),
    plan_name: z.string().optional(),
    fullBody: z.record(z.string(), z.unknown()).describe('The whole shop, as Shopify sent it'),
  }),
  map: (shop: z.output<typeof input>, { settings, delivery }: MapContext<ShopifySettings>) => ({
    type: TYPE,
    shopName: settings.shopName,
    fullBody: shop,
    ...withoutNulls({
      shop_id: shop.id,
      shop_domain: shop.myshopify_domain ?? shopifyHeader(delivery, 'shop-domain'),
      name: shop.name,
      email: shop.email,
      plan_name: shop.plan_name,
    }),
  }),
});
